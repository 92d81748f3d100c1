//! What the channels of KT's three services share: 우리동네TV, 지니TV and 링고비즈.
//!
//! All three work alike. The owner's material becomes an *asset* (a creative, a tone), the asset
//! and a period become a *placement* (a campaign, an assignment), people at KT review it, and at
//! its time it goes on air. Every creation carries a key and a reference that KT recognises, so
//! nothing here acts twice, and whatever a placement is in doubt about is found by its reference.
//!
//! What is particular to one service stays in its channel: options, limits, looks. Nothing here
//! asks for the access token: the host fetches it, and [`api`] only names it.

pub mod answer;
pub mod api;
pub mod asset;
pub mod period;
pub mod placement;
pub mod provider;
pub mod review;
pub mod time;
pub mod tv;
pub mod withdrawal;
