-- What readers need, whatever default privileges say: everybody may call the functions and use the types. None of them has
-- rights of its own: all run with those of the caller.

GRANT EXECUTE ON ALL FUNCTIONS IN SCHEMA customer_value, customer_value_internal TO PUBLIC;
GRANT USAGE ON TYPE purchase_history, rfm_cuts, purchase_model, spend_model, rfm_labels, trained_axes, trained_matrices
    TO PUBLIC;
