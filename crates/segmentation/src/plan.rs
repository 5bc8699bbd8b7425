//! The plan of a segmentation: everything decided that its SQL is written from.

use crate::model::{
    CUSTOMERS, Column, Cuts, Matrix, MatrixAxis, Number, ORDERS, Place, Reader, ReaderColumn,
    Reads, Refusal, Segmentation, SplitAt, ViewColumn,
};
use crate::sql::Name;
use crate::{axes, columns, rollup, signals};
use btyd::axis::Split;

/// A segmentation with everything decided.
#[derive(Debug, Clone)]
pub struct Plan {
    /// What it is.
    pub of: Segmentation,
    /// The columns of the view, in the order of a new view.
    pub columns: Vec<ViewColumn>,
    /// The columns of the customer table that are read.
    pub read: Vec<Column>,
    /// The axes to be trained.
    pub axes: Vec<TrainedAxis>,
    /// Where customers are placed, for each matrix of the segmentation.
    pub places: Vec<Place>,
}

/// An axis to be trained.
#[derive(Debug, Clone)]
pub struct TrainedAxis {
    /// Its names: several, where they are the same number.
    pub names: Vec<String>,
    /// What is trained.
    pub of: Trained,
    /// How it is split.
    pub splits: Vec<(Split, Vec<f64>)>,
}

/// What an axis is trained over.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Trained {
    /// A number of each customer with purchases.
    Numbers(Number),
    /// The days between the purchase days of all customers.
    Gaps,
}

impl TrainedAxis {
    /// Whether a training has to pass over all customers a second time for it.
    pub fn is_late(&self) -> bool {
        matches!(&self.of, Trained::Numbers(number) if number.late)
    }
}

impl Plan {
    /// Decides, or tells what is wrong.
    pub fn new(of: Segmentation) -> Result<Plan, Refusal> {
        let mut columns = columns::without_places(&of)?;
        refuse_twice(&columns)?;
        let mut axes = needed(&of, &columns)?;
        let mut places = Vec::new();
        for matrix in &of.matrices {
            let mut side = |axis: &MatrixAxis| side(&of, &columns, &mut axes, matrix, axis);
            let (x, y) = (side(&matrix.x)?, matrix.y.as_ref().map(side).transpose()?);
            places.push(Place { x, y });
        }
        let read = read(&of, &columns);
        for (matrix, place) in of.matrices.iter().zip(&places) {
            columns.extend(columns::of_place(&of, matrix, place));
        }
        let previous = columns::previous(&of, &columns);
        columns.extend(previous);
        refuse_twice(&columns)?;
        let mut plan = Plan { of, columns, read, axes, places };
        let rows = plan.of.rollup.as_ref().map(|rollup| rollup::rows(&plan, rollup)).transpose()?;
        if let Some((rollup, rows)) = plan.of.rollup.as_mut().zip(rows) {
            rollup.rows = rows;
        }
        Ok(plan)
    }
}

impl Plan {
    /// The same with everything read from the tables themselves, as a training does.
    pub fn of_tables(&self) -> Plan {
        let mut plan = self.clone();
        plan.of.readers.clear();
        plan
    }

    /// The functions through which the view reads tables; none where it is bound to the tables.
    pub fn readers(&self) -> Vec<Reader> {
        let s = &self.of;
        let of = |(holds, name): &(&'static str, Name)| {
            let (relation, columns) = self.read_as(holds)?;
            let mut once: Vec<ReaderColumn> = Vec::new();
            for column in columns {
                if once.iter().all(|other| other.name != column.name) {
                    once.push(column);
                }
            }
            Some(Reader { name: name.clone(), holds, relation, columns: once })
        };
        s.readers.iter().filter_map(of).collect()
    }

    /// The table that holds this, and the columns of it that the view reads; None where there is none.
    pub(crate) fn read_as(&self, holds: &str) -> Option<(String, Vec<ReaderColumn>)> {
        let s = &self.of;
        let inputs: Vec<Reads> = s.inputs.iter().map(|input| input.reads()).collect();
        match holds {
            ORDERS => {
                let orders = &s.orders;
                let numbers =
                    [&orders.amount, &orders.cost, &orders.cost_to_serve, &orders.discount];
                let own = [
                    Some(&orders.customer),
                    Some(&orders.ordered_at),
                    orders.order_id.as_ref(),
                    s.member_of_lines(),
                ];
                let own = own.into_iter().flatten().map(ReaderColumn::as_it_is);
                let own = own.chain(numbers.into_iter().flatten().map(ReaderColumn::number));
                let of_inputs = inputs.into_iter().filter(|reads| reads.table.is_none());
                let columns = own.chain(of_inputs.flat_map(|reads| reads.columns)).collect();
                Some((orders.relation.clone(), columns))
            }
            CUSTOMERS => {
                let customers = s.customers.as_ref()?;
                let columns = std::iter::once(&customers.key).chain(&self.read);
                let columns = columns.map(ReaderColumn::as_it_is).collect();
                Some((customers.relation.clone(), columns))
            }
            _ => inputs.into_iter().find_map(|reads| match reads.table {
                Some((option, relation)) if option == holds => Some((relation, reads.columns)),
                _ => None,
            }),
        }
    }
}

/// Refuses a name that two columns would have.
fn refuse_twice(columns: &[ViewColumn]) -> Result<(), Refusal> {
    let twice = |at: &usize| columns[..*at].iter().any(|other| other.name == columns[*at].name);
    match (1..columns.len()).find(twice) {
        Some(at) => Err(Refusal::Twice(columns[at].name.text.clone())),
        None => Ok(()),
    }
}

/// An axis of a matrix: its number and cuts, with the axis among those to be trained.
fn side(
    s: &Segmentation,
    columns: &[ViewColumn],
    trained: &mut Vec<TrainedAxis>,
    matrix: &Matrix,
    axis: &MatrixAxis,
) -> Result<(Number, Cuts), Refusal> {
    let no_axis = || Refusal::NoAxis { matrix: matrix.name.clone(), axis: axis.name.clone() };
    let number = axes::find(s, columns, &axis.name).ok_or_else(no_axis)?;
    let cuts = match &axis.split {
        SplitAt::Given(cuts) => Cuts::Given(cuts.clone()),
        SplitAt::AmountPerOrder => {
            place_of(trained, &axis.name, &number);
            Cuts::AmountPerOrder
        }
        SplitAt::Trained(split, numbers) => {
            let at = place_of(trained, &axis.name, &number);
            let (splits, wanted) = (&mut trained[at].splits, (*split, numbers.clone()));
            let split = splits.iter().position(|other| *other == wanted).unwrap_or_else(|| {
                splits.push(wanted);
                splits.len() - 1
            });
            Cuts::Trained(at, split)
        }
    };
    Ok((number, cuts))
}

/// The place of an axis among those to be trained, where it is put if it is not there yet.
fn place_of(trained: &mut Vec<TrainedAxis>, name: &str, number: &Number) -> usize {
    let named = |axis: &TrainedAxis| axis.names.iter().any(|known| known == name);
    if let Some(at) = trained.iter().position(named) {
        return at;
    }
    let of = Trained::Numbers(number.clone());
    match trained.iter().position(|axis| axis.of == of) {
        Some(at) => {
            trained[at].names.push(name.into());
            at
        }
        None => {
            trained.push(TrainedAxis { names: vec![name.into()], of, splits: Vec::new() });
            trained.len() - 1
        }
    }
}

/// The axes of which percentiles are needed, whatever the matrices.
fn needed(s: &Segmentation, columns: &[ViewColumn]) -> Result<Vec<TrainedAxis>, Refusal> {
    let days = "customer_value.purchase_days(h.history, t.as_of)::float8";
    let mut axes = vec![TrainedAxis {
        names: vec!["purchase_gap".into()],
        of: Trained::Gaps,
        splits: Vec::new(),
    }];
    let mut add = |name: &str, sql: String| {
        place_of(&mut axes, name, &Number::early(sql));
    };
    add("purchase_days", days.into());
    add("purchase_span", "customer_value.purchase_span(h.history, t.as_of)::float8".into());
    // nobody has less than one day here
    add("repeat_purchase_days", format!("nullif({days}, 1)"));
    if s.orders.amount.is_some() {
        add("frequency", "h.frequency::float8".into());
        add("revenue", "customer_value_internal.to_double(h.revenue)".into());
    }
    for signal in signals::all(s) {
        signal.axis.into_iter().for_each(|axis| add(axis, signal.sql.clone()));
    }
    for (option, name) in s.index_parts() {
        add(name, columns::part_of_index(s, columns, &option, name)?);
    }
    Ok(axes)
}

/// The columns of the customer table that are shown, tell a need, since when a customer is known or what it cost to win
/// them, or are numbers that something is made of.
fn read(s: &Segmentation, columns: &[ViewColumn]) -> Vec<Column> {
    let Some(customers) = &s.customers else { return Vec::new() };
    let parts = s.index_parts().map(|(_, name)| name);
    let of_matrices = s.matrices.iter().flat_map(Matrix::axes).map(|axis| axis.name.as_str());
    let names = parts.chain(of_matrices);
    let ours =
        |name: &str| axes::is_own(name) || columns.iter().any(|column| column.name.text == name);
    let made_of = names.filter(|name| !ours(name)).filter_map(|name| customers.find(name));
    let named =
        [&customers.need, &customers.since, &customers.acquisition_cost].into_iter().flatten();
    let mut read: Vec<Column> = Vec::new();
    for column in customers.shown.iter().chain(named).chain(made_of) {
        if read.iter().all(|other| other.name != column.name) {
            read.push(column.clone());
        }
    }
    read
}
