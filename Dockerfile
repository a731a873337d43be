# syntax=docker/dockerfile:1

# cargo-chef builds the dependencies in a layer of their own, which stays until Cargo.lock changes.
FROM rust:1.95-bookworm AS chef
RUN cargo install --locked cargo-chef@0.1.78
WORKDIR /sklep

FROM chef AS plan
COPY . .
RUN cargo chef prepare --recipe-path recipe.json

FROM node:22-bookworm-slim AS node

FROM chef AS build
# Node is there at build time only: the playground's assets are packed into the program.
COPY --from=node /usr/local/bin/node /usr/local/bin/node
COPY --from=node /usr/local/lib/node_modules /usr/local/lib/node_modules
RUN ln -s ../lib/node_modules/npm/bin/npm-cli.js /usr/local/bin/npm
COPY --from=plan /sklep/recipe.json .
RUN cargo chef cook --release --locked --package sklep --features tls --recipe-path recipe.json
COPY . .
# `graphiql`: the build fails when GraphiQL cannot be fetched; `simple`: the small page instead.
ARG SKLEP_PLAYGROUND=graphiql
RUN cargo build --release --locked --package sklep --features tls

FROM debian:bookworm-slim
RUN apt-get update \
    && apt-get install --yes --no-install-recommends ca-certificates curl \
    && rm -rf /var/lib/apt/lists/* \
    && useradd --system --uid 10001 --create-home sklep \
    && install --directory --owner=sklep --group=sklep --mode=0700 /data
COPY --from=build /sklep/target/release/sklep /usr/local/bin/sklep
USER sklep
WORKDIR /data
# Run alone it is a whole shop: `docker run -p 127.0.0.1:8080:8080 -v sklep:/data sklep`.
ENV SKLEP_LISTEN=0.0.0.0:8080 SKLEP_DATA=/data/log
VOLUME /data
EXPOSE 8080
HEALTHCHECK --interval=5s --timeout=5s --start-period=10s --retries=20 \
    CMD ["curl", "--fail", "--silent", "--output", "/dev/null", "http://127.0.0.1:8080/readyz"]
# Answers what it has accepted before it leaves.
STOPSIGNAL SIGTERM
ENTRYPOINT ["sklep"]
CMD ["serve"]
