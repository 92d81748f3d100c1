# syntax=docker/dockerfile:1
#
# The image of Baepo: the program, and the channels of this repository.
#
#     docker build -t baepo .
#
# What it needs to know comes from outside: a TOML file (BAEPO_CONFIG) and the environment; see
# baepo.example.toml and docs/operations.md. It writes to /var/lib/baepo alone, so its root may be
# read-only. No secret is in it: keys are files that are mounted.
#
# How the versions are kept up to date: RUST is `rust-version` of Cargo.toml, and both are raised in
# one commit. The images of that version and of Debian are rebuilt by their makers when a package in
# them is corrected, so build with `--pull` for every release, and once a week where there is none.

ARG RUST=1.95
ARG DEBIAN=bookworm

# What compiles. librdkafka is built from its sources, with make, against Debian's OpenSSL and zlib.
FROM rust:${RUST}-slim-${DEBIAN} AS compiler
RUN apt-get update \
    && apt-get install -y --no-install-recommends g++ make pkg-config libssl-dev zlib1g-dev \
    && rm -rf /var/lib/apt/lists/*
RUN rustup target add wasm32-unknown-unknown \
    && cargo install cargo-chef --locked --version 0.1.78
# The target is there, so nothing else has to be installed to build the channels.
ENV XTASK_NO_INSTALL=1
WORKDIR /src

# What the dependencies are, whatever else has changed.
FROM compiler AS recipe
COPY . .
RUN cargo chef prepare --recipe-path recipe.json

FROM compiler AS build
# The dependencies: most of the time, and again only when one of them changes.
COPY --from=recipe /src/recipe.json recipe.json
RUN --mount=type=cache,target=/usr/local/cargo/registry,sharing=locked \
    cargo chef cook --locked --release --package baepo --bin baepo --recipe-path recipe.json
COPY . .
RUN --mount=type=cache,target=/usr/local/cargo/registry,sharing=locked \
    cargo build --locked --release --package baepo --bin baepo
# The channels, made into components by the program that will load them.
RUN --mount=type=cache,target=/usr/local/cargo/registry,sharing=locked \
    cargo run --locked --release --package xtask -- plugins --with target/release/baepo

FROM debian:${DEBIAN}-slim AS baepo
# What the program is linked to beside the C library (`ldd`), and whom it trusts with TLS.
RUN apt-get update \
    && apt-get install -y --no-install-recommends ca-certificates libssl3 zlib1g \
    && rm -rf /var/lib/apt/lists/*
# A number that no user of the machine has by chance. A volume takes owner and mode of the folder
# that it is mounted over when it is empty.
RUN groupadd --gid 10001 baepo \
    && useradd --uid 10001 --gid 10001 --no-create-home --home-dir /var/lib/baepo \
        --shell /usr/sbin/nologin baepo \
    && install -d -m 0755 /etc/baepo \
    && install -d -o baepo -g baepo -m 0700 /var/lib/baepo /etc/baepo/keys
COPY --from=build /src/target/release/baepo /usr/local/bin/baepo
COPY --from=build /src/target/plugins/ /opt/baepo/channels/

# Numbers, so that a cluster can see that it is not root.
USER 10001:10001
WORKDIR /var/lib/baepo
# They hold against the file. On all addresses of the container: nobody could reach its loopback.
ENV BAEPO_DATA=/var/lib/baepo BAEPO_LISTEN=0.0.0.0:8080
VOLUME /var/lib/baepo
EXPOSE 8080
# Ends what runs, within `server.drain_ms`: give it at least as long before it is killed.
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=10s --timeout=5s --start-period=60s --retries=3 CMD ["baepo", "health"]
ENTRYPOINT ["baepo"]
CMD ["serve"]
