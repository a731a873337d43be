//! The front door before a real shop: a log and views in memory, writers and projector running, HTTP on loopback.

mod audit;
mod http;
mod limits;
mod playground;
mod reading;
mod schema;
mod shop;
mod story;
