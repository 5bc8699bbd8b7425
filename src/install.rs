//! What CREATE EXTENSION runs: the SQL fragments in reading order, and the checks they call.

use crate::server::call::sql_function;
use crate::server::error::{Code, fail};
use pgrx::pg_sys;
use pgrx::prelude::*;

pgrx::extension_sql_file!("../sql/00_schema.sql", name = "schema", bootstrap);
pgrx::extension_sql_file!(
    "../sql/01_purchase_history.sql",
    name = "purchase_history",
    requires = ["schema"]
);
pgrx::extension_sql_file!(
    "../sql/02_compare_histories.sql",
    name = "compare_histories",
    requires = ["purchase_history"]
);
pgrx::extension_sql_file!(
    "../sql/03_add_orders.sql",
    name = "add_orders",
    requires = ["compare_histories"]
);
pgrx::extension_sql_file!(
    "../sql/04_fold_orders.sql",
    name = "fold_orders",
    requires = ["add_orders"]
);
pgrx::extension_sql_file!("../sql/05_rfm_cuts.sql", name = "rfm_cuts", requires = ["fold_orders"]);
pgrx::extension_sql_file!("../sql/06_models.sql", name = "models", requires = ["rfm_cuts"]);
pgrx::extension_sql_file!("../sql/07_fit_models.sql", name = "fit_models", requires = ["models"]);
pgrx::extension_sql_file!("../sql/08_scores.sql", name = "scores", requires = ["fit_models"]);
pgrx::extension_sql_file!("../sql/09_predict.sql", name = "predict", requires = ["scores"]);
pgrx::extension_sql_file!(
    "../sql/10_definitions.sql",
    name = "definitions",
    requires = ["predict"]
);
pgrx::extension_sql_file!(
    "../sql/11_rfm_schemes.sql",
    name = "rfm_schemes",
    requires = ["definitions"]
);
pgrx::extension_sql_file!("../sql/12_matrices.sql", name = "matrices", requires = ["rfm_schemes"]);
pgrx::extension_sql_file!("../sql/13_trained.sql", name = "trained", requires = ["matrices"]);
pgrx::extension_sql_file!("../sql/14_registry.sql", name = "registry", requires = ["trained"]);
pgrx::extension_sql_file!(
    "../sql/15_kept_histories.sql",
    name = "kept_histories",
    requires = ["registry"]
);
pgrx::extension_sql_file!(
    "../sql/16_segmentations.sql",
    name = "segmentations",
    requires = ["kept_histories"]
);
pgrx::extension_sql_file!("../sql/17_reports.sql", name = "reports", requires = ["segmentations"]);
pgrx::extension_sql_file!("../sql/17b_over_time.sql", name = "over_time", requires = ["reports"]);
pgrx::extension_sql_file!("../sql/17c_actions.sql", name = "actions", requires = ["over_time"]);
pgrx::extension_sql_file!("../sql/17d_budget.sql", name = "budget", requires = ["actions"]);
pgrx::extension_sql_file!(
    "../sql/17e_cohorts_and_snapshots.sql",
    name = "cohorts_and_snapshots",
    requires = ["budget"]
);
pgrx::extension_sql_file!(
    "../sql/17f_pictures.sql",
    name = "pictures",
    requires = ["cohorts_and_snapshots"]
);
pgrx::extension_sql_file!("../sql/17g_page.sql", name = "page", requires = ["pictures"]);
pgrx::extension_sql_file!("../sql/18_statistics.sql", name = "statistics", requires = ["page"]);
pgrx::extension_sql_file!(
    "../sql/19_simulate_orders.sql",
    name = "simulate_orders",
    requires = ["statistics"]
);
pgrx::extension_sql_file!("../sql/20_rights.sql", name = "rights", requires = ["simulate_orders"]);

/// Runs when the server loads the library.
#[allow(unsafe_code)]
#[pg_guard]
pub extern "C-unwind" fn _PG_init() {
    // A Rust backtrace in the DETAIL of an SQL error helps nobody who reads it at night.
    // SAFETY: a backend of the server has one thread.
    unsafe { std::env::set_var("RUST_LIB_BACKTRACE", "0") };
}

sql_function! {
    /// Refuses a database that cannot hold the labels.
    fn require_utf8(_call) {
        // SAFETY: reads a setting of the server's.
        #[allow(unsafe_code)]
        let encoding = unsafe { pg_sys::GetDatabaseEncoding() };
        if encoding != pg_sys::pg_enc::PG_UTF8 as i32 {
            fail(
                Code::ERRCODE_FEATURE_NOT_SUPPORTED,
                "customer_value requires a database with encoding UTF8",
                "Its labels are in English and Chinese. Create a database with \
                 CREATE DATABASE name ENCODING 'UTF8' TEMPLATE template0.",
            )
        }
        Some(pg_sys::Datum::null())
    }
}
