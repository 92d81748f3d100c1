//! `baepo token`.

use std::process::ExitCode;
use std::time::Duration;

use baepo_adapters::SystemClock;
use baepo_domain::ports::clock::Clock as _;
use clap::Args;

use super::key::KeyArgs;
use crate::api::Role;

#[derive(Debug, Args)]
#[command(after_help = "Example:
  curl -H \"Authorization: Bearer $(baepo token --user shop-1 --role owner)\" http://127.0.0.1:8080/api/events")]
pub struct TokenArgs {
    #[command(flatten)]
    key: KeyArgs,
    /// Whom the token is for: 1 to 128 visible ASCII characters.
    #[arg(long)]
    user: baepo_domain::model::id::OwnerId,
    #[arg(long, value_enum, default_value_t = Role::Owner)]
    role: Role,
    /// How long it is good for, in hours.
    #[arg(long, default_value_t = 24, value_parser = clap::value_parser!(u64).range(1..=8_760))]
    hours: u64,
}

pub fn token(args: &TokenArgs) -> anyhow::Result<ExitCode> {
    let tokens = args.key.tokens()?;
    let lifetime = Duration::from_secs(args.hours * 3_600);
    println!(
        "{}",
        tokens.issue(args.user.as_str(), args.role, lifetime, SystemClock.now())?
    );
    Ok(ExitCode::SUCCESS)
}
