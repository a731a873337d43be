//! The front door before a real shop: a log and views in memory, writers and projector running, HTTP on loopback.

#[cfg(test)]
mod audit;
#[cfg(test)]
mod cost;
#[cfg(test)]
mod fetching;
#[cfg(test)]
mod http;
#[cfg(test)]
mod limits;
#[cfg(test)]
mod metrics;
#[cfg(test)]
mod operating;
#[cfg(test)]
mod playground;
#[cfg(test)]
mod positions;
#[cfg(test)]
mod reading;
#[cfg(test)]
mod requests;
#[cfg(test)]
mod schema;
#[cfg(test)]
mod searching;
#[cfg(test)]
mod shop;
#[cfg(test)]
mod skipping;
#[cfg(test)]
mod specification;
#[cfg(test)]
mod story;
#[cfg(test)]
mod upstream;
