//! Rows read and written below SQL: with no rights, no search path and no plan, as the server reads its catalogue.
//!
//! Nothing here is given back by a destructor: where an error ends a statement, the server closes what it opened.

use super::catalogue::text;
use super::varlena;
use pgrx::pg_sys;
use pgrx::pg_sys::{Datum, Oid};
use std::ops::ControlFlow;
use std::ptr::NonNull;

/// Which rows a scan sees.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Seen {
    /// Those that the running query sees.
    ByQuery,
    /// Those that are committed by now, and those of this transaction.
    ByNow,
}

/// A lock on a table.
#[derive(Clone, Copy)]
pub enum Lock {
    /// As SELECT takes it, given back when the table is closed.
    Read,
    /// As INSERT takes it, held until the transaction ends.
    Write,
}

/// A condition on a column, which is counted from 1.
#[derive(Clone, Copy)]
pub enum Key<'a> {
    /// The column is this number.
    Oid(i16, Oid),
    /// The column is this uuid.
    Uuid(i16, &'a [u8; 16]),
    /// The column is NULL.
    Null(i16),
    /// The column equals this value of its type.
    Equal(i16, &'a Equal, Datum),
}

/// How values of a column are compared, and hashed where their type can.
pub struct Equal {
    /// Their type.
    pub of: Oid,
    collation: Oid,
    equal: Oid,
    hash: Option<NonNull<pg_sys::FmgrInfo>>,
}

impl Equal {
    /// A hash of a value of the type: the same for all that are equal.
    #[inline]
    pub fn hash(&self, value: Datum) -> Option<u32> {
        let hash = self.hash?;
        // SAFETY: the hash function of the type, as the server keeps it until the session ends, under the collation of the
        // column.
        let found = unsafe { pg_sys::FunctionCall1Coll(hash.as_ptr(), self.collation, value) };
        Some(found.value() as u32)
    }
}

impl Key<'_> {
    fn of_server(self) -> pg_sys::ScanKeyData {
        let equal = pg_sys::BTEqualStrategyNumber as u16;
        let mut key = pg_sys::ScanKeyData::default();
        // SAFETY: fills in the key; both functions exist, and the uuid outlives the scan.
        unsafe {
            match self {
                Key::Oid(column, oid) => {
                    let function = Oid::from(pg_sys::F_OIDEQ);
                    pg_sys::ScanKeyInit(&mut key, column, equal, function, Datum::from(oid));
                }
                Key::Uuid(column, uuid) => {
                    let function = Oid::from(pg_sys::F_UUID_EQ);
                    let uuid = Datum::from(uuid.as_ptr());
                    pg_sys::ScanKeyInit(&mut key, column, equal, function, uuid);
                }
                Key::Equal(column, by, value) => pg_sys::ScanKeyEntryInitialize(
                    &mut key,
                    0,
                    column,
                    equal,
                    Oid::INVALID,
                    by.collation,
                    by.equal,
                    value,
                ),
                Key::Null(column) => {
                    key.sk_flags = (pg_sys::SK_ISNULL | pg_sys::SK_SEARCHNULL) as i32;
                    key.sk_attno = column;
                }
            }
        }
        key
    }
}

/// A row of a scan, as long as the scan stands there.
pub struct Row {
    tuple: pg_sys::HeapTuple,
    shape: pg_sys::TupleDesc,
}

impl Row {
    /// A column, counted from 1.
    pub fn datum(&self, column: i16) -> Option<Datum> {
        // SAFETY: the tuple is of this shape, and the columns that are asked for exist.
        unsafe {
            let mut is_null = false;
            let value = pg_sys::heap_getattr(self.tuple, column.into(), self.shape, &mut is_null);
            (!is_null).then_some(value)
        }
    }

    /// A column that is an oid; none for 0.
    pub fn oid(&self, column: i16) -> Option<Oid> {
        let oid = self.datum(column).map(|datum| Oid::from(datum.value() as u32));
        oid.filter(|oid| *oid != Oid::INVALID)
    }

    /// A column that is a smallint.
    pub fn int2(&self, column: i16) -> i16 {
        self.datum(column).map_or(0, |datum| datum.value() as i16)
    }

    /// A column that is a boolean.
    pub fn boolean(&self, column: i16) -> bool {
        self.datum(column).is_some_and(|datum| datum.value() & 0xFF != 0)
    }

    /// A column that is a "char".
    pub fn char(&self, column: i16) -> u8 {
        self.datum(column).map_or(0, |datum| datum.value() as u8)
    }

    /// A column that is of variable length.
    pub fn bytes(&self, column: i16) -> Option<&[u8]> {
        // SAFETY: the column is of variable length by declaration, and the row stays while it is borrowed.
        self.datum(column).map(|datum| unsafe { varlena::bytes(datum) })
    }

    /// A column that is a text, copied.
    pub fn text(&self, column: i16) -> Option<String> {
        self.bytes(column).map(|bytes| String::from_utf8_lossy(bytes).into_owned())
    }

    /// A column that is a name.
    pub fn name(&self, column: i16) -> String {
        // SAFETY: the column is a name by declaration, which ends in zero.
        let name = self.datum(column).and_then(|name| unsafe { text(name.cast_mut_ptr()) });
        name.unwrap_or_default()
    }

    /// A column that is an array of smallint without NULLs, copied.
    pub fn int2s(&self, column: i16) -> Vec<i16> {
        // SAFETY: the column is an array of smallint by declaration; the copy is made before the row goes.
        let array = unsafe {
            self.datum(column)
                .and_then(|datum| <pgrx::Array<i16> as pgrx::FromDatum>::from_datum(datum, false))
        };
        array.map(|array| array.iter().flatten().collect()).unwrap_or_default()
    }

    /// The transaction that wrote the row, also where it is long gone.
    pub fn xmin(&self) -> u32 {
        // SAFETY: a row of a table has the fields of a row of a table.
        unsafe { (*(*self.tuple).t_data).t_choice.t_heap.t_xmin.into_inner() }
    }
}

/// An open relation.
pub struct Table {
    relation: pg_sys::Relation,
}

impl Table {
    /// Opens a relation, if it still exists.
    pub fn open(oid: Oid, lock: Lock) -> Option<Table> {
        let lock = match lock {
            Lock::Read => pg_sys::AccessShareLock,
            Lock::Write => pg_sys::RowExclusiveLock,
        };
        // SAFETY: returns an open relation or null.
        let relation = unsafe { pg_sys::try_relation_open(oid, lock as i32) };
        (!relation.is_null()).then_some(Table { relation })
    }

    /// Closes it; a lock for writing is held on.
    pub fn close(self, lock: Lock) {
        let lock = match lock {
            Lock::Read => pg_sys::AccessShareLock,
            Lock::Write => pg_sys::NoLock,
        };
        // SAFETY: it was opened with that lock, and is not used again.
        unsafe { pg_sys::relation_close(self.relation, lock as i32) };
    }

    fn shape(&self) -> pg_sys::TupleDesc {
        // SAFETY: an open relation has a description of its rows.
        unsafe { (*self.relation).rd_att }
    }

    /// Whether its file is new in this transaction.
    pub fn is_new(&self) -> bool {
        // SAFETY: an open relation tells in which subtransactions it was made.
        unsafe {
            let relation = &*self.relation;
            #[cfg(feature = "pg15")]
            let file = [relation.rd_newRelfilenodeSubid, relation.rd_firstRelfilenodeSubid];
            #[cfg(not(feature = "pg15"))]
            let file = [relation.rd_newRelfilelocatorSubid, relation.rd_firstRelfilelocatorSubid];
            relation.rd_createSubid != 0 || file != [0, 0]
        }
    }

    /// Whether it is a view that reads with the rights of its reader.
    pub fn reads_as_invoker(&self) -> bool {
        // SAFETY: the options of a view are of that type, where there are any.
        unsafe {
            let options = (*self.relation).rd_options.cast::<pg_sys::ViewOptions>();
            (*(*self.relation).rd_rel).relkind as u8 == b'v'
                && !options.is_null()
                && (*options).security_invoker
        }
    }

    /// The partitions that a query planned now, under the active snapshot, would read: those that this session knows of.
    pub fn partitions_in_plans(&self) -> Vec<Oid> {
        // SAFETY: a partitioned table has a description of its partitions, with so many numbers; it stays while it is open.
        unsafe {
            let found = &*pg_sys::RelationGetPartitionDesc(self.relation, true);
            (0..found.nparts as usize).map(|at| *found.oids.add(at)).collect()
        }
    }

    /// An index that finds rows by the first column, if there is one.
    pub fn index_of_first_column(&self) -> Option<Oid> {
        // SAFETY: a list of numbers of indexes; each is opened as the server does it, and closed again.
        unsafe {
            let list = pg_sys::RelationGetIndexList(self.relation);
            let count = if list.is_null() { 0 } else { (*list).length };
            let mut found = None;
            for at in 0..count {
                let oid = (*(*list).elements.add(at as usize)).oid_value;
                let index = pg_sys::index_open(oid, pg_sys::AccessShareLock as i32);
                let form = &*(*index).rd_index;
                let plain = (*(*index).rd_rel).relam == pg_sys::BTREE_AM_OID
                    && form.indisvalid
                    && !form.indcheckxmin
                    && form.indkey.values.as_slice(1)[0] == 1
                    && pg_sys::RelationGetIndexPredicate(index).is_null();
                pg_sys::index_close(index, pg_sys::AccessShareLock as i32);
                if plain {
                    found = Some(oid);
                    break;
                }
            }
            pg_sys::list_free(list);
            found
        }
    }

    /// How values of a column are compared.
    pub fn equal(&self, column: i16) -> Equal {
        // SAFETY: the type of a column that exists, of which the server keeps what it looks up until the session ends.
        unsafe {
            let (mut of, mut modifier, mut collation) = (Oid::INVALID, 0, Oid::INVALID);
            let relation = (*self.relation).rd_id;
            pg_sys::get_atttypetypmodcoll(relation, column, &mut of, &mut modifier, &mut collation);
            let wanted = pg_sys::TYPECACHE_EQ_OPR | pg_sys::TYPECACHE_HASH_PROC_FINFO;
            let known = &mut *pg_sys::lookup_type_cache(of, wanted as i32);
            let can_hash = known.hash_proc != Oid::INVALID;
            let hash = can_hash.then(|| NonNull::from(&mut known.hash_proc_finfo));
            Equal { of, collation, equal: pg_sys::get_opcode(known.eq_opr), hash }
        }
    }

    /// Reads rows that meet conditions, until it is told to stop. With an index, the conditions are on its columns.
    pub fn scan(
        &self,
        index: Option<Oid>,
        keys: &[Key<'_>],
        seen: Seen,
        mut each: impl FnMut(&Row) -> ControlFlow<()>,
    ) {
        // SAFETY: the server's way to read its catalogue; it works for any table. Keys outlive the scan.
        unsafe {
            let mut keys: [pg_sys::ScanKeyData; 2] = std::array::from_fn(|at| match keys.get(at) {
                Some(key) => key.of_server(),
                None => pg_sys::ScanKeyData::default(),
            });
            let count = keys.iter().filter(|key| key.sk_attno != 0).count();
            let snapshot = match seen {
                Seen::ByQuery => pg_sys::GetActiveSnapshot(),
                Seen::ByNow => std::ptr::null_mut(),
            };
            let scan = pg_sys::systable_beginscan(
                self.relation,
                index.unwrap_or(Oid::INVALID),
                index.is_some(),
                snapshot,
                count as i32,
                keys.as_mut_ptr(),
            );
            loop {
                let tuple = pg_sys::systable_getnext(scan);
                if tuple.is_null() || each(&Row { tuple, shape: self.shape() }).is_break() {
                    break;
                }
            }
            pg_sys::systable_endscan(scan);
        }
    }

    /// Whether it is a permanent table whose first column, of a type, can be written below SQL.
    pub fn takes(&self, type_of_value: Oid) -> bool {
        // SAFETY: an open relation has a row of the catalogue and a description of its columns, of which it has one.
        unsafe {
            let class = &*(*self.relation).rd_rel;
            if class.relkind as u8 != b'r'
                || class.relpersistence as u8 != b'p'
                || class.relam != pg_sys::HEAP_TABLE_AM_OID
                || class.relnatts < 1
            {
                return false;
            }
            // from 18 on, short descriptions of all columns stand before the full ones
            #[cfg(feature = "pg18")]
            let first = &*(*self.shape())
                .compact_attrs
                .as_ptr()
                .add((*self.shape()).natts as usize)
                .cast::<pg_sys::FormData_pg_attribute>();
            #[cfg(not(feature = "pg18"))]
            let first = &(*self.shape()).attrs.as_slice(1)[0];
            !first.attisdropped && first.atttypid == type_of_value
        }
    }

    /// Inserts a row whose first column is `value` and all others NULL, with its entries in indexes. Nobody's rights
    /// are asked, and nothing fires. The table [`takes`](Table::takes) such a value.
    pub fn insert(&self, value: Option<Datum>) {
        // SAFETY: the values are as many as the columns, and the first is of the type of its column.
        unsafe {
            let columns = (*self.shape()).natts as usize;
            let mut values = vec![Datum::null(); columns];
            let mut nulls = vec![true; columns];
            if let Some(value) = value {
                (values[0], nulls[0]) = (value, false);
            }
            let tuple =
                pg_sys::heap_form_tuple(self.shape(), values.as_mut_ptr(), nulls.as_mut_ptr());
            pg_sys::simple_heap_insert(self.relation, tuple);
            if !self.insert_into_plain_index(tuple, &mut values, &mut nulls) {
                self.insert_into_indexes(tuple);
            }
            pg_sys::heap_freetuple(tuple);
        }
    }

    /// If there is but the index that the table was made with, adds the row to it.
    ///
    /// # Safety
    /// The row, with these values, was inserted into the table.
    unsafe fn insert_into_plain_index(
        &self,
        tuple: pg_sys::HeapTuple,
        values: &mut [Datum],
        nulls: &mut [bool],
    ) -> bool {
        // SAFETY: a list of numbers of indexes, each opened as the server does it. A B-tree on a plain column reads no more
        // of its description than that there is one.
        unsafe {
            let list = pg_sys::RelationGetIndexList(self.relation);
            if list.is_null() || (*list).length != 1 {
                let none = list.is_null();
                pg_sys::list_free(list);
                return none;
            }
            let lock = pg_sys::RowExclusiveLock as i32;
            let index = pg_sys::index_open((*(*list).elements).oid_value, lock);
            pg_sys::list_free(list);
            let form = &*(*index).rd_index;
            let plain = (*(*index).rd_rel).relam == pg_sys::BTREE_AM_OID
                && form.indnatts == 1
                && form.indkey.values.as_slice(1)[0] == 1
                && form.indisready
                && !form.indisunique
                && pg_sys::RelationGetIndexPredicate(index).is_null();
            if plain {
                let mut info =
                    pg_sys::IndexInfo { type_: pg_sys::NodeTag::T_IndexInfo, ..Default::default() };
                pg_sys::index_insert(
                    index,
                    values.as_mut_ptr(),
                    nulls.as_mut_ptr(),
                    &mut (*tuple).t_self,
                    self.relation,
                    pg_sys::IndexUniqueCheck::UNIQUE_CHECK_NO,
                    false,
                    &mut info,
                );
            }
            pg_sys::index_close(index, lock);
            plain
        }
    }

    /// Adds a row to all indexes, whatever somebody has made there, as the executor does it.
    ///
    /// # Safety
    /// The row was inserted into the table.
    #[cold]
    unsafe fn insert_into_indexes(&self, tuple: pg_sys::HeapTuple) {
        // SAFETY: the sequence that the server's own replication uses for a table of its own.
        unsafe {
            let estate = pg_sys::CreateExecutorState();
            let before = pg_sys::MemoryContextSwitchTo((*estate).es_query_cxt);
            let mut info = pg_sys::ResultRelInfo {
                type_: pg_sys::NodeTag::T_ResultRelInfo,
                ..Default::default()
            };
            pg_sys::InitResultRelInfo(&mut info, self.relation, 0, std::ptr::null_mut(), 0);
            pg_sys::ExecOpenIndices(&mut info, false);
            let slot = pg_sys::MakeSingleTupleTableSlot(self.shape(), &pg_sys::TTSOpsHeapTuple);
            pg_sys::ExecStoreHeapTuple(tuple, slot, false);
            (*slot).tts_tid = (*tuple).t_self;
            (*slot).tts_tableOid = (*self.relation).rd_id;
            pg_sys::ExecInsertIndexTuples(
                &mut info,
                slot,
                estate,
                false,
                false,
                std::ptr::null_mut(),
                std::ptr::null_mut(),
                #[cfg(not(feature = "pg15"))]
                false,
            );
            pg_sys::ExecDropSingleTupleTableSlot(slot);
            pg_sys::ExecCloseIndices(&mut info);
            pg_sys::MemoryContextSwitchTo(before);
            pg_sys::FreeExecutorState(estate);
        }
    }
}
