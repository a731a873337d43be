//! Where the views are that a command works on, and doing it there.

use clap::Args;
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

use super::{Context, Instruction, ViewsTask, remote};
use crate::{
    client::{DEFAULT_SERVER, ShopClient},
    exit_code::Outcome,
    stages::{JobProgress, ProgressView},
    stderr,
    stores::StoreArgs,
};

/// Where the views are that a command works on.
#[derive(Debug, Clone, Args)]
pub(crate) struct TargetArgs {
    #[command(flatten)]
    stores: StoreArgs,
    /// Address of the running shop, which then does the work itself; so it is also without --mongodb
    #[arg(long, env = "SKLEP_SERVER", value_name = "URL")]
    server: Option<String>,
}

/// Where it is done.
enum Target {
    /// Beside the shop.
    Here(Context),
    /// In the shop's own process.
    There(ShopClient),
}

impl TargetArgs {
    async fn place(&self) -> anyhow::Result<Target> {
        match (&self.server, &self.stores.views.mongodb) {
            (None, Some(_)) => Ok(Target::Here(self.stores.open().await?)),
            (server, _) => {
                Ok(Target::There(ShopClient::at(server.as_deref().unwrap_or(DEFAULT_SERVER))?))
            }
        }
    }

    /// Does the work and prints what it came to.
    pub(crate) async fn work(&self, work: ViewsTask, json: bool) -> anyhow::Result<Outcome> {
        let place = self.place().await?;
        let shutdown = until_interrupted();
        let (stages, told) = watch::channel(JobProgress::default());
        let done = async {
            // Moved in, so that the showing ends with the work.
            let stages = stages;
            match &place {
                Target::Here(ground) => ground.work(work, &stages, &shutdown).await,
                Target::There(shop) => remote::work(shop, work, &stages, &shutdown).await,
            }
        };
        let (report, ()) = tokio::join!(done, show(told));
        let report = report?;
        let outcome = if report.differs { Outcome::Difference } else { Outcome::Done };
        outcome.told(|out| if json { out.json(&report.json) } else { out.line(&report.text) })
    }

    /// Tells jobs and projectors what to do.
    pub(crate) async fn instruct(&self, instruction: Instruction) -> anyhow::Result<Outcome> {
        let told = match self.place().await? {
            Target::Here(ground) => ground.instruct(instruction).await?.to_owned(),
            Target::There(shop) => remote::instruct(&shop, instruction).await?,
        };
        stderr::line(told);
        Ok(Outcome::Done)
    }
}

async fn show(mut told: watch::Receiver<JobProgress>) {
    let mut stages = ProgressView::start();
    while told.changed().await.is_ok() {
        let stage = told.borrow_and_update().clone();
        stages.show(&stage);
    }
    stages.finish();
}

/// Is cancelled by the first Ctrl-C; the second one ends the program.
fn until_interrupted() -> CancellationToken {
    let shutdown = CancellationToken::new();
    let interrupted = shutdown.clone();
    tokio::spawn(async move {
        if tokio::signal::ctrl_c().await.is_ok() {
            stderr::line("stopping");
            interrupted.cancel();
            // Nothing here needs an orderly end.
            let _ = tokio::signal::ctrl_c().await;
            std::process::exit(1);
        }
    });
    shutdown
}
