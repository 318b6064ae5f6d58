//! Answers, signed by the key and in the manner of messages. Nothing parts their values either, so an answer to
//! somebody unknown could be made to read as a result: see `is_one_answer`.

use serde_json::json;

use super::signature::Encoding;
use super::{Settings, VERIFY, Verified};
use crate::form::Form;
use crate::reply::{Outcome, Reply};
use crate::{Delivery, Refused, Verb};

const OK: &str = "00";
const DATA_WRONG: &str = "01";
const CHECKSUM_WRONG: &str = "02";
const OWN_ERROR: &str = "03";

impl Settings {
    /// The amount of an order, to an authentic question.
    pub(super) fn amount_answer(&self, question: &Verified<'_>) -> Reply {
        let [bill, merchant, order] =
            ["billcode", "merchant_code", "order_id"].map(|name| question.form.get(name).unwrap_or(""));
        let code = if merchant == self.merchant_code { OK } else { DATA_WRONG };
        let amount = self.amount_on_file(order).unwrap_or_default();
        self.to_question([bill, order], &amount, code, question.encoding)
    }

    pub(super) fn answer(&self, delivery: &Delivery<'_>, outcome: Outcome<'_>) -> Reply {
        let (code, is_believed) = match outcome {
            Outcome::Stored | Outcome::Repeated => (OK, true),
            Outcome::Unusable(_) => (DATA_WRONG, true),
            Outcome::Refused(Refused::Misdirected) => {
                return Reply::empty(if delivery.verb == Verb::Post { 404 } else { 405 });
            }
            Outcome::Refused(Refused::Unreadable) => (DATA_WRONG, false),
            Outcome::Refused(_) => (CHECKSUM_WRONG, false),
            Outcome::Unavailable => (OWN_ERROR, false),
        };
        let form = Form::parse(delivery.body).ok();
        let value = |name: &str| form.as_ref().and_then(|form| form.get(name)).unwrap_or("");
        let encoding = Encoding::of(Some(value("check_sum")));
        let (bill, order) = (value("billcode"), value("order_id"));
        if delivery.path != VERIFY {
            let echo = is_believed || self.is_one_answer(&[code, &self.merchant_code, order]);
            return self.to_result(if echo { order } else { "" }, code, encoding);
        }
        match self.amount_on_file(order) {
            Some(amount) if self.is_one_answer(&[bill, code, &self.merchant_code, order, &amount]) => {
                self.to_question([bill, order], &amount, code, encoding)
            }
            None if code == CHECKSUM_WRONG => self.to_question(["", ""], "", DATA_WRONG, encoding),
            _ => self.to_question(["", ""], "", code, encoding),
        }
    }

    fn to_question(&self, [bill, order]: [&str; 2], amount: &str, code: &str, encoding: Encoding) -> Reply {
        let merchant = self.merchant_code.as_str();
        let check_sum = self.code(&[bill, code, merchant, order, amount]);
        let body = json!({
            "billcode": bill,
            "merchant_code": merchant,
            "order_id": order,
            "trans_amount": amount,
            "error_code": code,
            "check_sum": encoding.write(&check_sum),
        });
        Reply::json(200, body.to_string())
    }

    fn to_result(&self, order: &str, code: &str, encoding: Encoding) -> Reply {
        let merchant = self.merchant_code.as_str();
        let body = json!({
            "error_code": code,
            "merchant_code": merchant,
            "order_id": order,
            "return_url": "",
            "return_bill_code": "",
            "return_other_info": "",
            "check_sum": encoding.write(&self.code(&[code, merchant, order])),
        });
        Reply::json(200, body.to_string())
    }

    /// Whether what would be signed for somebody unknown names our merchant only once, behind our own error code.
    ///
    /// With a bill or an order like `…00MERCHANT…` the answer would hold the checksum of a payment that nobody made.
    /// Else a result of this checksum can only have an error code that ends as ours does, and pays nothing.
    fn is_one_answer(&self, values: &[&str]) -> bool {
        let text = values.concat();
        text.find(&self.merchant_code) == text.rfind(&self.merchant_code)
    }
}
