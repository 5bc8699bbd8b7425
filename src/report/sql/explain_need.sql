format({{rule}}, one.need_type, CASE
    WHEN {{told}} THEN {{by_customer}}
    {{rules}}
    ELSE format({{loyal}}, one.purchase_days)
END)
