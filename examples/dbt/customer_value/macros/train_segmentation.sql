{# dbt run-operation train_segmentation [--args '{model: customer_segments}']: trains one segmentation, or all of the
   project, over the orders as they are now. #}
{% macro train_segmentation(model=none) %}
  {%- set trained = [] -%}
  {%- for node in graph.nodes.values() if node.config.materialized == 'segmentation' and model in (none, node.name) -%}
    {%- set relation = api.Relation.create(schema=node.schema, identifier=node.alias) -%}
    {%- set view = customer_value.literal(customer_value.name_of_relation(relation)) -%}
    {% call statement('train', fetch_result=True) -%}
      select customer_value.train_segmentation({{ view }})
    {%- endcall %}
    {% do adapter.commit() %}
    {%- set number = load_result('train').data[0][0] -%}
    {%- set what = 'nothing to train on' if number is none else 'training ' ~ number -%}
    {%- set doubts = run_query("select coalesce(pg_catalog.string_agg(doubt, ', '), 'none')"
                               ~ ' from customer_value.segmentation_doubts(' ~ view ~ ')').rows[0][0] -%}
    {% do log(node.name ~ ': ' ~ what ~ ', doubts: ' ~ doubts, info=True) %}
    {%- do trained.append(node.name) -%}
  {%- endfor -%}
  {%- if not trained -%}
    {% do exceptions.raise_compiler_error('no model is materialized as a segmentation' if model is none
      else 'model "' ~ model ~ '" is not materialized as a segmentation') %}
  {%- endif -%}
{% endmacro %}
