//! Values of variable length that outlive the query that they come from, of whatever type.

use pgrx::callconv::{BoxRet, FcInfo};
use pgrx::datum::{Datum, FromDatum, IntoDatum};
use pgrx::pg_sys;
use pgrx::pgrx_sql_entity_graph::metadata::{
    ArgumentError, ReturnsError, ReturnsRef, SqlMappingRef, SqlTranslatable, TypeOrigin,
};

/// A value of variable length, such as a row or a jsonb, copied to where the function that asked for it was called.
pub struct Copied(pg_sys::Datum);

impl FromDatum for Copied {
    unsafe fn from_polymorphic_datum(
        datum: pg_sys::Datum,
        is_null: bool,
        _: pg_sys::Oid,
    ) -> Option<Self> {
        if is_null {
            return None;
        }
        // SAFETY: the type was found to be of variable length, and the value is of a row that a query returns, so there is
        // a connection to allocate beside: the copy lives where the connection was made, which is that of the rows that a
        // set-returning function keeps between its calls.
        unsafe {
            let value = pg_sys::pg_detoast_datum(datum.cast_mut_ptr());
            let size = pgrx::varlena::varsize_any(value);
            let copy = pg_sys::SPI_palloc(size);
            std::ptr::copy_nonoverlapping(value.cast::<u8>(), copy.cast::<u8>(), size);
            Some(Copied(pg_sys::Datum::from(copy)))
        }
    }
}

impl IntoDatum for Copied {
    fn into_datum(self) -> Option<pg_sys::Datum> {
        Some(self.0)
    }

    fn type_oid() -> pg_sys::Oid {
        pg_sys::ANYELEMENTOID
    }

    /// Whether values of a type are of variable length: any other is no pointer, or one to something else.
    fn is_compatible_with(of: pg_sys::Oid) -> bool {
        // SAFETY: reads the catalogue.
        unsafe { pg_sys::get_typlen(of) == -1 }
    }
}

// SAFETY: the value is of the declared type as far as the query returns it.
unsafe impl BoxRet for Copied {
    unsafe fn box_into<'fcx>(self, fcinfo: &mut FcInfo<'fcx>) -> Datum<'fcx> {
        // SAFETY: see above.
        unsafe { fcinfo.return_raw_datum(self.0) }
    }
}

// SAFETY: the SQL of functions is written by hand.
unsafe impl SqlTranslatable for Copied {
    const TYPE_IDENT: &'static str = "kept";
    const TYPE_ORIGIN: TypeOrigin = TypeOrigin::External;
    const ARGUMENT_SQL: Result<SqlMappingRef, ArgumentError> =
        Ok(SqlMappingRef::literal("anyelement"));
    const RETURN_SQL: Result<ReturnsRef, ReturnsError> =
        Ok(ReturnsRef::One(SqlMappingRef::literal("anyelement")));
}
