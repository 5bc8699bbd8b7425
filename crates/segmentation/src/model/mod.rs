//! What a segmentation is, as plain data: tables, columns and options, found and checked.
//!
//! Beside it stand the types that its parts tell each other by, so that no part has to know another for their sake:
//! what an optional input tells, columns of the view, numbers, places in matrices, and why a segmentation cannot be.

mod column;
mod digits;
mod input;
mod keep;
mod label_style;
mod matrix;
mod number;
mod place;
mod reader;
mod refusal;
mod rollup;
mod view_column;

pub use column::{Column, Kind};
pub use digits::Digits;
pub use input::{Contacts, Input, PartOf, Signal};
pub use keep::{Keep, Touched};
pub use label_style::LabelStyle;
pub use matrix::{Matrix, MatrixAxis, Position, SplitAt};
pub use number::Number;
pub use place::{Cuts, Place};
pub use reader::{CUSTOMERS, ORDERS, Reader, ReaderColumn, Reads};
pub use refusal::Refusal;
pub use rollup::{Parents, Rollup};
pub use view_column::{Holds, ViewColumn};

use crate::sql::Name;
use crate::texts;
use std::fmt::Display;
use std::rc::Rc;

/// The orders, or the lines that make them up.
#[derive(Debug, Clone)]
pub struct Orders {
    /// Table or view, with its schema.
    pub relation: String,
    /// Who ordered.
    pub customer: Column,
    /// The type of customers, as SQL writes it.
    pub customer_type: String,
    /// The operator by which customers are the same, with its schema.
    pub same: String,
    /// When.
    pub ordered_at: Column,
    /// For how much; None for orders without amounts.
    pub amount: Option<Column>,
    /// How many digits amounts have; None where their type does not tell.
    pub digits: Option<Digits>,
    /// Which lines make up an order; None where each row is one.
    pub order_id: Option<Column>,
    /// In which currency.
    pub currency: Option<Column>,
    /// What it cost.
    pub cost: Option<Column>,
    /// What it cost to serve the customer.
    pub cost_to_serve: Option<Column>,
    /// Whether, or how much, it was reduced.
    pub discount: Option<Column>,
}

/// The customer table.
#[derive(Debug, Clone)]
pub struct Customers {
    /// Table or view, with its schema.
    pub relation: String,
    /// Its key.
    pub key: Column,
    /// All its columns.
    pub columns: Vec<Column>,
    /// Those that the view shows.
    pub shown: Vec<Column>,
    /// The one that tells a customer's need.
    pub need: Option<Column>,
    /// The one that tells since when a customer is known.
    pub since: Option<Column>,
    /// The one that tells what it cost to win a customer.
    pub acquisition_cost: Option<Column>,
}

impl Customers {
    /// A column by its name.
    pub fn find(&self, name: &str) -> Option<&Column> {
        self.columns.iter().find(|column| column.name.text == name)
    }
}

/// As of which day customers are compared.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum AsOf {
    /// Today, in the zone of the segmentation.
    Live,
    /// The last day with a purchase, refunded or not, found at each training.
    Latest,
    /// A day, written as SQL reads it.
    Day(String),
}

/// How lifetime values are computed.
#[derive(Debug, Clone)]
pub struct Terms {
    /// Days ahead.
    pub horizon_days: f64,
    /// Discount rate per year.
    pub annual_discount_rate: f64,
    /// Days after which purchases are counted together; 0 for none.
    pub step_days: f64,
    /// Share of the revenue that counts as value; a cost column gives another.
    pub margin: f64,
}

/// A weighted index of numbers: by the name of each, its weight.
#[derive(Debug, Clone)]
pub struct Index {
    /// The column of the view that shows it.
    pub name: Name,
    /// The numbers.
    pub parts: Vec<(String, f64)>,
}

impl Index {
    /// Where its weights stand in the options.
    pub fn option(&self) -> String {
        format!("indexes.{}", self.name.text)
    }
}

/// Spans of time.
#[derive(Debug, Clone)]
pub struct Spans {
    /// Days up to as_of over which current value and profitability count.
    pub window_days: u32,
    /// Days up to as_of that are compared with the time before, for decline.
    pub decline_days: u32,
    /// Days in which an interaction loses half of its weight.
    pub half_life_days: f64,
    /// Days before as_of of what customers are compared with.
    pub compare_days: u32,
}

/// A segmentation.
#[derive(Debug, Clone)]
pub struct Segmentation {
    /// The id in the tables.
    pub id: String,
    /// The schema of the view.
    pub schema: Name,
    /// The view.
    pub view: Name,
    /// The function beside it.
    pub function: Name,
    /// The functions beside the view through which it reads tables, by what these hold: the view is bound to the tables'
    /// names. None where it is bound to the tables.
    pub readers: Vec<(&'static str, Name)>,
    /// Where histories are kept; None where each query folds the orders.
    pub keep: Option<Keep>,
    /// The orders.
    pub orders: Orders,
    /// Whose parents the customers are; None where they are the customers of the orders.
    pub rollup: Option<Rollup>,
    /// The customer table.
    pub customers: Option<Customers>,
    /// The optional inputs.
    pub inputs: Vec<Rc<dyn Input>>,
    /// As of which day.
    pub as_of: AsOf,
    /// The zone of days.
    pub zone: String,
    /// The language of labels.
    pub language: String,
    /// How labels are written.
    pub labels: LabelStyle,
    /// Whether readers need rights on the source.
    pub security_invoker: bool,
    /// Bins of each RFM axis.
    pub bins: u8,
    /// Whether refunds undo purchases, or stand apart.
    pub net_refunds: bool,
    /// Whether the monetary axis is the average order value, not net revenue.
    pub monetary_average: bool,
    /// How the RFM axes and lifetime values are trained, as `rfm_training` reads it.
    pub spec: String,
    /// How lifetime values are computed.
    pub terms: Terms,
    /// Spans of time.
    pub spans: Spans,
    /// Weights of numbers, for a potential value that is an index; None: clv.
    pub potential_value: Option<Vec<(String, f64)>>,
    /// Other weighted indexes.
    pub indexes: Vec<Index>,
    /// Weights of what the value score is made of, by axis; 1 for what is not among them.
    pub value_weights: Vec<(&'static str, f64)>,
    /// Weights of what the quality of a relationship is made of, by name.
    pub relationship_weights: Vec<(&'static str, f64)>,
    /// The matrices and classes of the view.
    pub matrices: Vec<Matrix>,
}

impl Segmentation {
    /// Whether refunds undo purchases, where there can be any.
    pub fn nets_refunds(&self) -> bool {
        self.net_refunds && self.orders.amount.is_some()
    }

    /// The customer column of the source, where it holds lines of orders and customers are their parents: two customers of
    /// one parent may number their orders alike.
    pub fn member_of_lines(&self) -> Option<&Column> {
        let rollup = self.rollup.as_ref().filter(|_| self.orders.order_id.is_some());
        rollup.map(|rollup| &rollup.member)
    }

    /// The name of the view, with its schema.
    pub fn view_name(&self) -> String {
        format!("{}.{}", self.schema, self.view)
    }

    /// The numbers that weighted indexes are made of, each with the option that names it.
    pub fn index_parts(&self) -> impl Iterator<Item = (String, &str)> {
        let potential = self.potential_value.iter().flatten();
        let potential = potential.map(|(name, _)| ("potential_value".to_owned(), name.as_str()));
        let others = self
            .indexes
            .iter()
            .flat_map(|index| index.parts.iter().map(|(name, _)| (index.option(), name.as_str())));
        potential.chain(others)
    }

    /// What FROM names to read a table: the function that stands for what it holds, or the table.
    pub fn reads(&self, holds: &str, relation: &str) -> String {
        match self.readers.iter().find(|(what, _)| *what == holds) {
            Some((_, reader)) => format!("{}.{reader}()", self.schema),
            None => self.rows_of(holds, relation),
        }
    }

    /// The same of the function itself: the table, or its rows as those of the parents of customers.
    pub fn rows_of(&self, holds: &str, relation: &str) -> String {
        let rows = self.rollup.iter().flat_map(|rollup| &rollup.rows);
        let of_parents = rows.into_iter().find(|(what, _)| *what == holds);
        of_parents.map_or_else(|| relation.to_owned(), |(_, rows)| rows.clone())
    }

    /// The comment of a column, or of something beside the view, in the language of the segmentation: a key of
    /// `sql/data/columns.json`. Where customers are parents, it is that of `<key>.parents`, if there is one; where refunds undo no
    /// purchases, that of `<key>.apart`.
    pub fn comment(&self, key: &str) -> String {
        self.comment_with(key, &[])
    }

    /// The same with holes, and what fills them.
    pub fn comment_with(&self, key: &str, values: &[(&str, &dyn Display)]) -> String {
        let variants = [("parents", self.rollup.is_some()), ("apart", !self.nets_refunds())];
        let known =
            |key: &String| texts::find(texts::Group::Columns, key, &self.language).is_some();
        let of_variant = |(variant, is)| Some(format!("{key}.{variant}")).filter(|_| is);
        let variant = variants.into_iter().filter_map(of_variant).find(known);
        texts::comment(variant.as_deref().unwrap_or(key), &self.language, values)
    }

    /// The same of a column with a label.
    pub fn comment_of_label(&self, key: &str, values: &[(&str, &dyn Display)]) -> String {
        let comment = self.comment_with(key, values);
        match self.labels {
            LabelStyle::Plain => comment,
            LabelStyle::Ranked => comment + &self.comment("label.ranked"),
        }
    }

    /// The name of the function beside the view, with its schema.
    pub fn function_name(&self) -> String {
        format!("{}.{}", self.schema, self.function)
    }

    /// The same with its argument.
    pub fn function_signature(&self) -> String {
        format!("{}({})", self.function_name(), self.orders.customer_type)
    }
}
