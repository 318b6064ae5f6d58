//! The one shape of every provider: authenticate, read, answer.

use std::borrow::Cow;

use cashless_domain::Timestamp;

use crate::declaring::Declaring;
use crate::event::Context;
use crate::item::{Normalized, Rejection};
use crate::reply::{Outcome, Reply};
use crate::statement::Statement;
use crate::{Announcement, Composed, Delivery, Refused};

/// A provider as one source is connected by it: with that source's secrets and settings.
pub trait Adapter: Send + Sync {
    /// Authenticates a delivery and makes items of it.
    ///
    /// # Errors
    /// It is not to be believed; nothing of it counts.
    fn receive<'d>(&self, delivery: &Delivery<'d>, context: &Context<'_>) -> Result<Received<'d>, Refused>;

    /// What the provider is answered.
    fn reply(&self, delivery: &Delivery<'_>, outcome: Outcome<'_>, now: Timestamp) -> Reply;

    /// What the provider is answered for several items at once. Unless its format answers each of them, a delivery
    /// is stored if any of them is.
    fn reply_to_items(&self, delivery: &Delivery<'_>, items: Answered<'_>, now: Timestamp) -> Reply {
        self.reply(delivery, items.outcome(), now)
    }

    /// The statements of a delivery in no provider's words, for checks; a delivery of this format's own events has none.
    ///
    /// # Errors
    /// As [`Adapter::receive`].
    fn statements(
        &self,
        delivery: &Delivery<'_>,
        now: Timestamp,
    ) -> Result<Vec<Result<Statement<'static>, Rejection>>, Refused>;

    /// Its cash declarations, where its format has them.
    fn declaring(&self) -> Option<&dyn Declaring> {
        None
    }

    /// A request as the provider would post it, for simulators and connection checks; none where the source's
    /// settings do not hold what the provider signs with, or its format cannot say this.
    fn compose(&self, announcement: &Announcement<'_>, now: Timestamp) -> Option<Composed>;
}

/// A believed delivery.
pub struct Received<'d> {
    /// The delivery's own id where it has one. It is the sender's to choose: keep it out of logs.
    pub id: &'d str,
    /// What it says.
    pub content: Content,
}

/// What a believed delivery says.
#[expect(
    clippy::large_enum_variant,
    reason = "items are the usual content; a box would cost them an allocation"
)]
pub enum Content {
    /// Statements about money.
    Items(Normalized),
    /// Something that is answered and leaves nothing behind, as a request for a token.
    Answer(Reply),
}

/// The items of a durable delivery, for its answer.
#[derive(Clone, Copy)]
pub struct Answered<'a> {
    /// The items.
    pub normalized: &'a Normalized,
    /// Whether all of it is known to have been durable before.
    pub repeated: bool,
}

impl<'a> Answered<'a> {
    /// One outcome for all of them.
    fn outcome(self) -> Outcome<'a> {
        match self.first_unusable() {
            Some(rejection) if self.all_unusable() => Outcome::Unusable(rejection),
            _ if self.repeated => Outcome::Repeated,
            _ => Outcome::Stored,
        }
    }

    fn first_unusable(self) -> Option<&'a Rejection> {
        self.normalized.items().iter().find_map(|item| item.outcome.as_ref().err())
    }

    fn all_unusable(self) -> bool {
        self.normalized.items().iter().all(|item| item.outcome.is_err())
    }
}

/// A provider's own half of an [`Adapter`]. Only a `Verified` delivery can be read, and only `verify` makes one.
pub(crate) trait Dialect: Send + Sync {
    /// A delivery that the provider is known to have sent.
    type Verified<'d>;

    /// Authenticates the raw bytes.
    fn verify<'d>(&self, delivery: &Delivery<'d>, now: Timestamp) -> Result<Self::Verified<'d>, Refused>;

    /// Reads what a verified delivery says.
    fn read<'v>(&'v self, verified: &'v Self::Verified<'_>, now: Timestamp) -> Message<'v>;

    /// The reply contract.
    fn reply(&self, delivery: &Delivery<'_>, outcome: Outcome<'_>, now: Timestamp) -> Reply;

    /// The reply that names each item, for formats that have one.
    fn reply_to_items(&self, _: &Delivery<'_>, _: Answered<'_>, _: Timestamp) -> Option<Reply> {
        None
    }

    /// The sending side.
    fn compose(&self, announcement: &Announcement<'_>, now: Timestamp) -> Option<Composed>;
}

/// What a verified delivery says, before receivers and persons are looked at.
pub(crate) enum Message<'v> {
    /// One statement.
    One(Box<Result<Statement<'v>, Rejection>>),
    /// Several; never empty.
    Several(Vec<Result<Statement<'v>, Rejection>>),
    /// Nothing to keep.
    Answer(Reply),
}

impl<'v> Message<'v> {
    pub(crate) fn one(statement: Result<Statement<'v>, Rejection>) -> Self {
        Self::One(Box::new(statement))
    }

    /// Of no statement at all: the delivery is one unusable item.
    pub(crate) fn several(statements: Vec<Result<Statement<'v>, Rejection>>) -> Self {
        if statements.is_empty() {
            return Self::one(Err(Rejection::malformed("", "no transaction in it")));
        }
        Self::Several(statements)
    }
}

impl<D: Dialect> Adapter for D {
    fn receive<'d>(&self, delivery: &Delivery<'d>, context: &Context<'_>) -> Result<Received<'d>, Refused> {
        let verified = self.verify(delivery, context.received_at)?;
        let content = match self.read(&verified, context.received_at) {
            Message::One(statement) => Content::Items(Normalized::One(context.item(*statement))),
            Message::Several(statements) => {
                let items = statements.into_iter().map(|statement| context.item(statement));
                Content::Items(Normalized::Batch(items.collect()))
            }
            Message::Answer(reply) => Content::Answer(reply),
        };
        Ok(Received { id: "", content })
    }

    fn reply(&self, delivery: &Delivery<'_>, outcome: Outcome<'_>, now: Timestamp) -> Reply {
        Dialect::reply(self, delivery, outcome, now)
    }

    fn reply_to_items(&self, delivery: &Delivery<'_>, items: Answered<'_>, now: Timestamp) -> Reply {
        let each = Dialect::reply_to_items(self, delivery, items, now);
        each.unwrap_or_else(|| Dialect::reply(self, delivery, items.outcome(), now))
    }

    fn statements(
        &self,
        delivery: &Delivery<'_>,
        now: Timestamp,
    ) -> Result<Vec<Result<Statement<'static>, Rejection>>, Refused> {
        let verified = self.verify(delivery, now)?;
        let own = |statement: Result<Statement<'_>, Rejection>| statement.map(Statement::into_owned);
        Ok(match self.read(&verified, now) {
            Message::One(statement) => vec![own(*statement)],
            Message::Several(statements) => statements.into_iter().map(own).collect(),
            Message::Answer(_) => Vec::new(),
        })
    }

    fn compose(&self, announcement: &Announcement<'_>, now: Timestamp) -> Option<Composed> {
        Dialect::compose(self, announcement, now)
    }
}

/// A text of a statement, borrowed from the delivery.
pub(crate) fn text<'v>(text: Option<&'v str>) -> Option<Cow<'v, str>> {
    text.map(Cow::Borrowed)
}
