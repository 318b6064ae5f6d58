//! The poster against a small server that is sometimes busy.

use std::convert::Infallible;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use bytes::Bytes;
use cashless_simulator::{
    Clock, Pace, Parameters, Poster, PosterConfig, Progress, Province, ProvinceSize, Scenario,
};
use http_body_util::{BodyExt as _, Full};
use hyper::body::Incoming;
use hyper::{Request, Response, service::service_fn};
use hyper_util::rt::TokioIo;
use tokio::net::TcpListener;

/// Answers every fifth request by 503 and drops every ninth connection's request; knows no signatures.
async fn server() -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let address = listener.local_addr().expect("bound");
    let requests = Arc::new(AtomicU64::new(0));
    tokio::spawn(async move {
        loop {
            let (stream, _) = listener.accept().await.expect("accepted");
            let requests = Arc::clone(&requests);
            let service = service_fn(move |request: Request<Incoming>| {
                let number = requests.fetch_add(1, Ordering::Relaxed);
                async move {
                    let nobody = request.uri().path().ends_with("/nobody");
                    request.into_body().collect().await.expect("a body");
                    let status = if number % 5 == 4 {
                        503
                    } else if nobody {
                        404
                    } else {
                        200
                    };
                    let mut response = Response::new(Full::new(Bytes::from_static(b"{}")));
                    *response.status_mut() = hyper::StatusCode::from_u16(status).expect("a status");
                    if number % 9 == 8 {
                        response.headers_mut().insert("connection", "close".parse().expect("a header"));
                    }
                    Ok::<_, Infallible>(response)
                }
            });
            tokio::spawn(async move {
                // A connection ends when its client goes.
                let _ = hyper::server::conn::http1::Builder::new()
                    .serve_connection(TokioIo::new(stream), service)
                    .await;
            });
        }
    });
    address
}

#[tokio::test]
async fn every_delivery_is_answered_whatever_the_server_is_up_to() {
    let province = Arc::new(Province::synthetic(&ProvinceSize::default(), 1));
    let clock = Clock::Live {
        base: cashless_domain::BusinessDate::from_days(20_703).start(),
        payments: 1_000,
        rate: 1e6,
    };
    let parameters = Parameters { follow_up_median_s: 1.0, ..Parameters::default() };
    let scenario = Scenario::new(Arc::clone(&province), parameters, clock, 1);
    let config = PosterConfig {
        connections: 8,
        pace: Pace::PerSecond(5_000.0),
        retry_pause_max: Duration::from_millis(5),
        keep_outcomes: true,
        ..PosterConfig::new(server().await)
    };
    let progress = Arc::new(Progress::default());
    let (report, scenario) = Poster::new(config, &province).run(scenario, Arc::clone(&progress)).await;
    let truth = scenario.into_ledger();
    assert_eq!(i64::try_from(report.answered), Ok(truth.deliveries()));
    assert_eq!(report.answered, progress.answered.load(Ordering::Relaxed));
    assert_eq!(report.by_status.values().sum::<u64>(), report.answered);
    assert_eq!(report.outcomes.len() as u64, report.answered);
    assert!(report.postponed_by_status[&503] > 0);
    assert!(report.outcomes.iter().any(|outcome| outcome.attempts > 1));
    // The server takes every signature for good, so only bad ones surprise.
    assert!(report.surprises.iter().all(|surprise| surprise.refusal_expected));
    assert!(report.percentile(50.0) <= report.percentile(99.0));
}
