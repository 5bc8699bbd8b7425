//! Which casts the server has added by itself to the call of an aggregate: a `date` or `timestamp` becomes a
//! `timestamptz` through the session's time zone without anybody asking for it.

use super::call::Call;
use super::types::base_type;
use pgrx::pg_sys;

/// The type from which the server casts argument `at` of the running aggregate by itself, `at` counted as in its
/// transition function, where 0 is the state; None if it does not, or nobody can tell.
pub fn implicit_cast(call: &Call, at: usize) -> Option<pg_sys::Oid> {
    // SAFETY: the context of an aggregate's call is the node that runs it, as its tag says.
    unsafe {
        let context = (*call.fcinfo()).context;
        if context.is_null() {
            return None;
        }
        match (*context).type_ {
            pg_sys::NodeTag::T_AggState => {
                let aggregate = pg_sys::AggGetAggref(call.fcinfo());
                let arguments = aggregate.as_ref()?.args;
                let entry = nth::<pg_sys::TargetEntry>(arguments, at - 1)?;
                cast_from((*entry).expr.cast(), plan_of(context))
            }
            pg_sys::NodeTag::T_WindowAggState => window_functions(call).find_map(|function| {
                let argument = nth::<pg_sys::Node>((*function).args, at - 1)?;
                cast_from(argument, plan_of(context))
            }),
            _ => None,
        }
    }
}

/// The plan of the node that runs an aggregate.
///
/// # Safety
/// `context` is an AggState or a WindowAggState; both begin with a PlanState.
unsafe fn plan_of(context: *mut pg_sys::Node) -> *mut pg_sys::Plan {
    // SAFETY: the caller vouches for it.
    unsafe { (*context.cast::<pg_sys::PlanState>()).plan }
}

/// The window functions of the running node whose aggregate this call is a part of.
///
/// # Safety
/// The context of the call is a WindowAggState.
unsafe fn window_functions(call: &Call) -> impl Iterator<Item = *mut pg_sys::WindowFunc> {
    // SAFETY: the caller vouches for the context; its list holds the states of window functions.
    unsafe {
        let (fcinfo, count) = (call.fcinfo(), call.count());
        let functions = (*(*fcinfo).context.cast::<pg_sys::WindowAggState>()).funcs;
        let called = (*(*fcinfo).flinfo).fn_oid;
        let states = (0..).map_while(move |i| nth::<pg_sys::WindowFuncExprState>(functions, i));
        states.map(|state| (*state).wfunc).filter(move |&function| {
            nth::<pg_sys::Node>((*function).args, count - 2).is_some()
                && transition_function((*function).winfnoid) == Some(called)
        })
    }
}

/// The transition function of an aggregate.
fn transition_function(aggregate: pg_sys::Oid) -> Option<pg_sys::Oid> {
    /// Number of the column `aggtransfn` of pg_aggregate, the same in all versions.
    const TRANSITION: i16 = 4;
    let cache = pg_sys::SysCacheIdentifier::AGGFNOID as i32;
    // SAFETY: the entry is released after the last use of it; a column of type regproc is an oid.
    unsafe {
        let entry = pg_sys::SearchSysCache1(cache, pg_sys::Datum::from(aggregate));
        if entry.is_null() {
            return None;
        }
        let mut is_null = false;
        let function = pg_sys::SysCacheGetAttr(cache, entry, TRANSITION, &mut is_null);
        pg_sys::ReleaseSysCache(entry);
        (!is_null).then(|| pg_sys::Oid::from(function.value() as u32))
    }
}

/// Element `at` of a list of pointers.
///
/// # Safety
/// `list` is null or a list of pointers to T.
unsafe fn nth<T>(list: *mut pg_sys::List, at: usize) -> Option<*mut T> {
    // SAFETY: the caller vouches for the list, which has `length` elements.
    unsafe {
        let list = list.as_ref()?;
        (at < list.length as usize).then(|| (*list.elements.add(at)).ptr_value.cast())
    }
}

/// The type from which an expression is cast without having been asked to, below domains. An expression that the
/// `plan` has computed further down, as for DISTINCT, is looked up there.
///
/// # Safety
/// `node` is an expression of the plan, or null.
unsafe fn cast_from(
    mut node: *mut pg_sys::Node,
    mut plan: *mut pg_sys::Plan,
) -> Option<pg_sys::Oid> {
    // SAFETY: each node is what its tag says, and the plan is that of the running query.
    unsafe {
        loop {
            match node.as_ref()?.type_ {
                pg_sys::NodeTag::T_RelabelType => {
                    node = (*node.cast::<pg_sys::RelabelType>()).arg.cast();
                }
                pg_sys::NodeTag::T_CoerceToDomain => {
                    node = (*node.cast::<pg_sys::CoerceToDomain>()).arg.cast();
                }
                pg_sys::NodeTag::T_Var => {
                    let var = &*node.cast::<pg_sys::Var>();
                    if var.varno != pg_sys::OUTER_VAR {
                        return None;
                    }
                    plan = plan.as_ref()?.lefttree;
                    let column = usize::try_from(i32::from(var.varattno) - 1).ok()?;
                    let entry = nth::<pg_sys::TargetEntry>(plan.as_ref()?.targetlist, column)?;
                    node = (*entry).expr.cast();
                }
                pg_sys::NodeTag::T_FuncExpr => {
                    let cast = &*node.cast::<pg_sys::FuncExpr>();
                    if cast.funcformat != pg_sys::CoercionForm::COERCE_IMPLICIT_CAST {
                        return None;
                    }
                    let from = nth::<pg_sys::Node>(cast.args, 0)?;
                    return Some(base_type(pg_sys::exprType(from)));
                }
                _ => return None,
            }
        }
    }
}
