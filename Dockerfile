# Node is there at build time only: the playground's assets are packed into the program.
FROM node:22-bookworm-slim AS node

FROM rust:1.95-bookworm AS build
COPY --from=node /usr/local/bin/node /usr/local/bin/node
COPY --from=node /usr/local/lib/node_modules /usr/local/lib/node_modules
RUN ln -s ../lib/node_modules/npm/bin/npm-cli.js /usr/local/bin/npm
WORKDIR /sklep
COPY . .
RUN cargo build --release --locked --package sklep --features tls

FROM debian:bookworm-slim
RUN apt-get update \
    && apt-get install --yes --no-install-recommends ca-certificates curl \
    && rm -rf /var/lib/apt/lists/* \
    && useradd --system --create-home sklep
COPY --from=build /sklep/target/release/sklep /usr/local/bin/sklep
USER sklep
WORKDIR /home/sklep
EXPOSE 8080
ENTRYPOINT ["sklep"]
CMD ["serve"]
