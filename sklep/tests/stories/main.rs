//! Stories about the whole shop: the built program, started as anybody starts it.

#[cfg(test)]
mod command_line;
#[cfg(test)]
mod copies;
#[cfg(test)]
mod currency;
#[cfg(test)]
mod disturbance;
#[cfg(test)]
mod doctor;
#[cfg(test)]
mod first_purchase;
#[cfg(test)]
mod house;
#[cfg(test)]
mod import;
#[cfg(test)]
mod kafka;
#[cfg(test)]
mod kill;
#[cfg(test)]
mod metrics;
#[cfg(test)]
mod moving;
#[cfg(test)]
mod older_copy;
#[cfg(test)]
mod poison;
#[cfg(test)]
mod probes;
#[cfg(test)]
mod rebuild;
#[cfg(test)]
mod refusals;
#[cfg(test)]
mod remedies;
#[cfg(test)]
mod several;
#[cfg(test)]
mod surface;
#[cfg(test)]
mod unfinished;
