//! The rows that a row trigger is called with.

use super::call::Call;
use pgrx::pg_sys;
use pgrx::prelude::*;

/// What a row trigger may look at and has to return.
pub struct TriggerRows<'a> {
    trigger: PgTrigger<'a>,
    result: pg_sys::Datum,
}

impl TriggerRows<'_> {
    /// The rows, if the call is that of a trigger.
    pub fn of(call: &Call) -> Option<TriggerRows<'_>> {
        // SAFETY: the fcinfo is the server's; its context is a TriggerData where it says so.
        unsafe {
            let fcinfo = call.fcinfo();
            if !pgrx::trigger_support::called_as_trigger(fcinfo) {
                return None;
            }
            let data = (*fcinfo).context.cast::<pg_sys::TriggerData>();
            let new = (*data).tg_newtuple;
            let result = if new.is_null() { (*data).tg_trigtuple } else { new };
            let trigger = PgTrigger::from_fcinfo(fcinfo.as_ref()?).ok()?;
            Some(TriggerRows { trigger, result: pg_sys::Datum::from(result) })
        }
    }

    /// True if the old or the new row has true, or nothing, in a boolean column.
    pub fn any_is_true(&self, column: &str) -> bool {
        let rows = [self.trigger.old(), self.trigger.new()];
        rows.into_iter().flatten().any(|row| row.get_by_name(column).ok().flatten() != Some(false))
    }

    /// A text column of the old row.
    pub fn old_text(&self, column: &str) -> Option<String> {
        self.trigger.old()?.get_by_name(column).ok().flatten()
    }

    /// Whether the new row, if there is one, has another text in a column than the old row.
    pub fn changes(&self, column: &str) -> bool {
        let new = self.trigger.new().map(|row| row.get_by_name::<String>(column).ok().flatten());
        new.is_none_or(|new| new != self.old_text(column))
    }

    /// The result that lets the change happen.
    pub fn proceed(&self) -> pg_sys::Datum {
        self.result
    }
}
