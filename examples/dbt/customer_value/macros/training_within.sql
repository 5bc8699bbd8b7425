{# A test of a segmentation: its newest training is no older than `age`, an interval such as '8 days'. #}
{% test training_within(model, age) %}
select {{ customer_value.literal(model.identifier) }} as view, s.state, s.trained_at
from (select 1) as one
left join customer_value.segmentations as s
  on s.view = pg_catalog.format('%I.%I', {{ customer_value.literal(model.schema) }},
                                {{ customer_value.literal(model.identifier) }})
where s.trained_at is null or s.training_age > {{ customer_value.literal(age) }}::interval
{% endtest %}
