use std::sync::atomic::{AtomicU32, Ordering};

use cashless_localservices::ClickHouse;
use cashless_warehouse::{Config, Warehouse};

/// The server of all tests.
pub(crate) struct Server {
    clickhouse: ClickHouse,
    databases: AtomicU32,
}

impl Server {
    pub(crate) fn new(clickhouse: ClickHouse) -> Self {
        Self { clickhouse, databases: AtomicU32::new(0) }
    }

    /// A database of its own for one test, not created yet.
    pub(crate) fn database(&self, test: &str) -> Database {
        let number = self.databases.fetch_add(1, Ordering::Relaxed);
        let mut config = Config::new(self.clickhouse.http_url());
        config.user = self.clickhouse.user().to_owned();
        config.password = self.clickhouse.password().into();
        config.database = format!("test_{number}_{}", test.replace("::", "_"));
        let admin = clickhouse::Client::default()
            .with_url(self.clickhouse.http_url())
            .with_user(self.clickhouse.user())
            .with_password(self.clickhouse.password())
            .with_database(&config.database);
        Database { warehouse: Warehouse::new(&config), config, admin }
    }
}

/// What a test works with.
pub(crate) struct Database {
    pub(crate) warehouse: Warehouse,
    pub(crate) config: Config,
    /// For whatever the crate itself does not offer.
    pub(crate) admin: clickhouse::Client,
}

impl Database {
    pub(crate) async fn migrated(self) -> Self {
        self.warehouse.migrate(|_| {}).await.expect("the schema can be made");
        self
    }

    pub(crate) async fn execute(&self, sql: &str) {
        self.admin.query_raw(sql).execute().await.expect(sql);
    }

    /// Tab-separated lines.
    pub(crate) async fn lines(&self, sql: &str) -> Vec<String> {
        let mut answer = self.admin.query_raw(sql).fetch_bytes("TabSeparatedRaw").expect(sql);
        let bytes = answer.collect().await.expect(sql);
        String::from_utf8(bytes.to_vec()).expect("text").lines().map(str::to_owned).collect()
    }
}

pub(crate) fn block_on<T>(work: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .expect("a runtime can be built")
        .block_on(work)
}
