format({{rule}}, one.lifecycle_stage, CASE one.lifecycle_stage_code
    WHEN 'prospect' THEN {{prospect}}
    WHEN 'lapsed' THEN format({{lapsed}}, one.recency_days, {{lapsed_from}})
    WHEN 'reactivated' THEN format({{reactivated}}, one.last_gap, {{lapsed_from}})
    WHEN 'at_risk' THEN format({{at_risk}}, one.purchase_days, one.recency_days, {{at_risk_from}})
    WHEN 'loyal' THEN format({{loyal}}, one.purchase_days, {{loyal_from}})
    WHEN 'repeat' THEN format({{repeat}}, one.purchase_days, {{loyal_from}})
    WHEN 'first_time' THEN format({{first_time}}, one.recency_days, one.as_of)
END)
