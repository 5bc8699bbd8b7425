//! What a segmentation is: tables, columns and options, found and checked.

use crate::inputs::Input;
use crate::signals;
use crate::sql::Name;
use btyd::axis::Split;
use std::rc::Rc;

/// What a column holds, as far as SQL written for it differs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// True or false.
    Boolean,
    /// Days.
    Date,
    /// Times on the wall clock.
    Timestamp,
    /// Times that know their zone.
    Timestamptz,
    /// Whole numbers and numeric.
    Exact,
    /// Binary fractions, whose plain sum depends on the order of rows.
    Float,
    /// Type money.
    Money,
    /// Anything else.
    Other,
}

/// A column of a table.
#[derive(Debug, Clone)]
pub struct Column {
    /// Its name.
    pub name: Name,
    /// What it holds.
    pub kind: Kind,
}

impl Column {
    /// The column of a table alias.
    pub fn of(&self, alias: &str) -> String {
        format!("{alias}.{}", self.name)
    }

    /// Whether it holds numbers, money among them.
    pub fn is_number(&self) -> bool {
        matches!(self.kind, Kind::Exact | Kind::Float | Kind::Money)
    }

    /// The column of a table alias as an exact number: floats by their shortest decimal form.
    pub fn exact(&self, alias: &str) -> String {
        let column = self.of(alias);
        match self.kind {
            Kind::Float => format!("customer_value_internal.exact_amount({column})"),
            _ => format!("{column}::numeric"),
        }
    }

    /// The column of a table alias as it is, but money as a number, which can be compared with one.
    pub fn number(&self, alias: &str) -> String {
        self.comparable(&self.of(alias))
    }

    /// The same of an expression of this column's type.
    pub fn comparable(&self, expression: &str) -> String {
        match self.kind {
            Kind::Money => format!("{expression}::numeric"),
            _ => expression.to_owned(),
        }
    }

    /// The column of a table alias as a double.
    pub fn float(&self, alias: &str) -> String {
        format!("{}::float8", self.number(alias))
    }
}

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
    /// The last day with a purchase, found at each training.
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

/// Spans of time.
#[derive(Debug, Clone)]
pub struct Spans {
    /// Days up to as_of over which current value and profitability count.
    pub window_days: u32,
    /// Days up to as_of that are compared with the time before, for decline.
    pub decline_days: u32,
    /// Days in which an interaction loses half of its weight.
    pub half_life_days: f64,
}

/// An axis of a matrix, and how it is split into levels.
#[derive(Debug, Clone)]
pub struct MatrixAxis {
    /// A number of the view or of the customer table.
    pub name: String,
    /// How it is split.
    pub split: SplitAt,
}

impl MatrixAxis {
    /// Whether a training finds its cuts.
    pub fn is_trained(&self) -> bool {
        !matches!(self.split, SplitAt::Given(_))
    }
}

/// Where an axis is split.
#[derive(Debug, Clone, PartialEq)]
pub enum SplitAt {
    /// Where the customers of a training say, by a rule and its numbers.
    Trained(Split, Vec<f64>),
    /// At these numbers.
    Given(Vec<f64>),
    /// At gross amount / orders of a training.
    AmountPerOrder,
}

/// A position of a matrix, in the language of the segmentation.
#[derive(Debug, Clone)]
pub struct Position {
    /// Stable code.
    pub code: String,
    /// Label.
    pub label: String,
    /// Rank, 1 = best.
    pub rank: i16,
    /// Whether the language has a label.
    pub translated: bool,
}

/// A customer value matrix, or a class, which has one axis.
#[derive(Debug, Clone)]
pub struct Matrix {
    /// Its name.
    pub name: String,
    /// The columns that show the label, its code and its rank.
    pub columns: [Name; 3],
    /// What it is, as a sentence without its end.
    pub description: String,
    /// First axis.
    pub x: MatrixAxis,
    /// Second axis.
    pub y: Option<MatrixAxis>,
    /// The positions by place: level by level of the first axis, within it by those of the second.
    pub positions: Vec<Position>,
}

impl Matrix {
    /// Its axes.
    pub fn axes(&self) -> impl Iterator<Item = &MatrixAxis> {
        std::iter::once(&self.x).chain(&self.y)
    }
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
    /// The orders.
    pub orders: Orders,
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
    /// Whether readers need rights on the source.
    pub security_invoker: bool,
    /// Bins of each RFM axis.
    pub bins: u8,
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
    /// Weights of what the quality of a relationship is made of, by name.
    pub relationship_weights: Vec<(&'static str, f64)>,
    /// The matrices and classes of the view.
    pub matrices: Vec<Matrix>,
}

impl Segmentation {
    /// The name of the view, with its schema.
    pub fn view_name(&self) -> String {
        format!("{}.{}", self.schema, self.view)
    }

    /// The name of the function beside the view, with its schema.
    pub fn function_name(&self) -> String {
        format!("{}.{}", self.schema, self.function)
    }

    /// Whether there is anything to tell a customer's need from.
    pub fn knows_needs(&self) -> bool {
        let told = self.customers.as_ref().is_some_and(|customers| customers.need.is_some());
        told || !signals::of_needs(self).is_empty()
    }

    /// Whether there is anything to tell the quality of a relationship from.
    pub fn knows_relationships(&self) -> bool {
        !signals::of_relationships(self).is_empty()
    }
}
