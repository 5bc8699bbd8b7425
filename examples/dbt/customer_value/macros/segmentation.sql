{# A model that is a segmentation: created once, altered when its configuration changes, never dropped.
   The model is `select * from {{ ref('orders') }}`; see README.md beside this package for what it configures. #}
{% materialization segmentation, adapter='postgres' %}
  {%- set target = this.incorporate(type='view') -%}
  {%- set wanted = customer_value.wanted_segmentation() -%}

  {{ run_hooks(pre_hooks, inside_transaction=False) }}
  {{ run_hooks(pre_hooks, inside_transaction=True) }}

  {%- set found = customer_value.found_segmentation(target, wanted) -%}
  {%- set change = customer_value.change_of_segmentation(target, wanted, found) -%}
  {% call statement('main') -%}
    {{ change }}
  {%- endcall %}

  {% do apply_grants(target, config.get('grants'), should_revoke=found is not none) %}
  {% do customer_value.persist_segmentation_docs(target) %}

  {{ run_hooks(post_hooks, inside_transaction=True) }}
  {{ adapter.commit() }}
  {{ run_hooks(post_hooks, inside_transaction=False) }}

  {{ return({'relations': [target]}) }}
{% endmaterialization %}


{# What the model asks for: source, columns and options, as the functions of the extension take them. #}
{% macro wanted_segmentation() %}
  {%- set source = customer_value.source_of_segmentation() -%}
  {#- bound to names, the view outlives the tables that dbt replaces -#}
  {%- set options = {'bind': 'name'} -%}
  {%- for name, value in config.get('options', {}).items() if value is not none -%}
    {%- if value is mapping and 'source' in value -%}
      {%- do options.update({name: dict(value, source=customer_value.input_of_segmentation(value['source']))}) -%}
    {%- else -%}
      {%- do options.update({name: value}) -%}
    {%- endif -%}
  {%- endfor -%}
  {{ return({
    'source': source,
    'customer': config.require('customer'),
    'ordered_at': config.require('ordered_at'),
    'amount': config.get('amount'),
    'options': tojson(options),
  }) }}
{% endmacro %}


{# The schema and name of a relation, quoted where need be, as the extension writes them. #}
{% macro name_of_relation(relation) %}
  {%- set found = run_query("select pg_catalog.format('%I.%I', " ~ customer_value.literal(relation.schema) ~ ', '
                            ~ customer_value.literal(relation.identifier) ~ ')') -%}
  {{ return(found.rows[0][0]) }}
{% endmacro %}


{# Models and sources that the model refers to: each the text that it is in compiled SQL, its relation and its name. #}
{% macro references_of_segmentation() %}
  {%- set found = [] -%}
  {%- for each in model.refs -%}
    {%- set relation = builtins.ref(each.package, each.name, v=each.version or none) if each.package
          else builtins.ref(each.name, v=each.version or none) -%}
    {%- do found.append({'text': relation | string, 'relation': relation, 'name': each.name}) -%}
  {%- endfor -%}
  {%- for each in model.sources -%}
    {%- set relation = builtins.source(each[0], each[1]) -%}
    {%- do found.append({'text': relation | string, 'relation': relation, 'name': each[0] ~ '.' ~ each[1]}) -%}
  {%- endfor -%}
  {{ return(found) }}
{% endmacro %}


{# The name of the table of orders: what the model selects everything from. #}
{% macro source_of_segmentation() %}
  {%- set code = modules.re.sub('--[^\\n]*|/[*].*?[*]/', '', sql, flags=modules.re.DOTALL) -%}
  {%- set selected = modules.re.match('\\s*select\\s+[*]\\s+from\\s+(.+?)\\s*;?\\s*$', code,
                                      flags=modules.re.IGNORECASE + modules.re.DOTALL) -%}
  {%- for each in customer_value.references_of_segmentation() if selected and selected.group(1) == each.text -%}
    {{ return(customer_value.name_of_relation(each.relation)) }}
  {%- endfor -%}
  {% do exceptions.raise_compiler_error(
    "a segmentation reads one model or source as it is: write `select * from {{ ref('…') }}`. "
    ~ "Put joins, filters and expressions into a model of their own, materialized as a table.") %}
{% endmacro %}


{# The name of the table of an optional input: that of a model or source that the model refers to, or as written. #}
{% macro input_of_segmentation(name) %}
  {%- for each in customer_value.references_of_segmentation() if each.name == name -%}
    {{ return(customer_value.name_of_relation(each.relation)) }}
  {%- endfor -%}
  {{ return(name) }}
{% endmacro %}


{# What is there: none, or the state of the segmentation, whether it differs from what is wanted, and its age. #}
{% macro found_segmentation(target, wanted) %}
  {%- set age = config.get('train_after') -%}
  {%- set query -%}
    select state,
           amount is not null as has_amount,
           (source, customer, ordered_at, amount, options) is distinct from
             ({{ customer_value.literal(wanted.source) }}, {{ customer_value.literal(wanted.customer) }},
              {{ customer_value.literal(wanted.ordered_at) }}, {{ customer_value.literal(wanted.amount) }},
              {{ customer_value.literal(wanted.options) }}::jsonb) as differs,
           {{ 'false' if age is none else 'training_age > ' ~ customer_value.literal(age) ~ '::interval' }} as is_due
    from customer_value.segmentations
    where view = {{ customer_value.literal(customer_value.name_of_relation(target)) }}
  {%- endset -%}
  {%- set found = run_query(query) -%}
  {{ return(found.rows[0] if found.rows | length else none) }}
{% endmacro %}


{# A text as a literal of SQL. #}
{% macro literal(value) %}
  {{ return('null' if value is none else dbt.string_literal(dbt.escape_single_quotes(value))) }}
{% endmacro %}


{# The statement that makes the segmentation what is wanted; if it is that already, one that changes nothing. #}
{% macro change_of_segmentation(target, wanted, found) %}
  {%- set view = customer_value.literal(customer_value.name_of_relation(target)) -%}
  {%- set what -%}
    source => {{ customer_value.literal(wanted.source) }}, customer => {{ customer_value.literal(wanted.customer) }},
    ordered_at => {{ customer_value.literal(wanted.ordered_at) }},
    amount => {{ customer_value.literal(wanted.amount) }},
    options => {{ customer_value.literal(wanted.options) }}
  {%- endset -%}
  {%- if found is none or found.state == 'view gone' -%}
    {{ return('select customer_value.create_segmentation(' ~ view ~ ', ' ~ what ~ ')') }}
  {%- elif found.has_amount and wanted.amount is none -%}
    {% do exceptions.raise_compiler_error("a segmentation cannot lose its amounts: run "
      ~ "select customer_value.drop_segmentation(" ~ view ~ "), then dbt makes it anew") %}
  {%- elif found.differs or found.state == 'older than the library' or flags.FULL_REFRESH -%}
    {{ return('select customer_value.alter_segmentation(' ~ view ~ ', ' ~ what ~ ', replace => true)') }}
  {%- elif found.is_due or found.state == 'untrained' -%}
    {{ return('select customer_value.train_segmentation(' ~ view ~ ')') }}
  {%- else -%}
    {{ return('select ' ~ view ~ ' as unchanged') }}
  {%- endif -%}
{% endmacro %}


{# Descriptions of the model become comments, where there are any; other columns keep those of the extension. #}
{% macro persist_segmentation_docs(target) %}
  {%- if config.persist_relation_docs() and model.description -%}
    {% do run_query(alter_relation_comment(target, model.description)) %}
  {%- endif -%}
  {%- set described = {} -%}
  {%- for name, column in model.columns.items() if column.description -%}
    {%- do described.update({name: column}) -%}
  {%- endfor -%}
  {%- if config.persist_column_docs() and described -%}
    {% do run_query(alter_column_comment(target, described)) %}
  {%- endif -%}
{% endmacro %}
