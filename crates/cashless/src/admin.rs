//! The admin listener of a role: `/metrics`, `/livez`, `/readyz`. Never the port that outsiders reach.

use std::net::SocketAddr;
use std::sync::Arc;

use anyhow::Context as _;
use axum::Router;
use axum::extract::State;
use axum::http::StatusCode;
use axum::routing::get;
use prometheus::{Registry, TextEncoder};
use tokio::net::TcpListener;

/// Says why a role is not ready, or nothing.
pub(crate) type Readiness = Arc<dyn Fn() -> Result<(), String> + Send + Sync>;

#[derive(Clone)]
struct Role {
    registry: Registry,
    readiness: Readiness,
}

/// Serves until the process ends. Returns the address, which tells the port where 0 was asked for.
pub(crate) async fn serve(
    address: SocketAddr,
    registry: Registry,
    readiness: Readiness,
) -> anyhow::Result<SocketAddr> {
    let listener =
        TcpListener::bind(address).await.with_context(|| format!("admin listener on {address}"))?;
    let bound = listener.local_addr()?;
    let router = Router::new()
        .route("/metrics", get(metrics))
        .route("/livez", get(|| async { "alive\n" }))
        .route("/readyz", get(readyz))
        .with_state(Role { registry, readiness });
    tokio::spawn(async move {
        if let Err(error) = axum::serve(listener, router).await {
            tracing::error!(%error, "the admin listener ended");
        }
    });
    tracing::info!(address = %bound, "admin listener: /metrics /livez /readyz");
    Ok(bound)
}

async fn metrics(State(role): State<Role>) -> (StatusCode, String) {
    match TextEncoder::new().encode_to_string(&role.registry.gather()) {
        Ok(text) => (StatusCode::OK, text),
        Err(error) => (StatusCode::INTERNAL_SERVER_ERROR, format!("{error}\n")),
    }
}

async fn readyz(State(role): State<Role>) -> (StatusCode, String) {
    match (role.readiness)() {
        Ok(()) => (StatusCode::OK, "ready\n".to_owned()),
        Err(reason) => (StatusCode::SERVICE_UNAVAILABLE, format!("{reason}\n")),
    }
}
