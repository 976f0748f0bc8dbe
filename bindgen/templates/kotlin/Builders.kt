// Generated from the Rust records of many fields, for Java, which knows no names of arguments. Do not edit.

package chat.wildfire.message

import java.time.Duration
{%- for builder in builders %}

/**
 * Makes [{{ builder.record }}] from Java, field by field; what is left out has its default. Kotlin names the arguments of
 * [{{ builder.record }}] and of its `copy` instead.
 *
 * ```java
 * {{ builder.record }} {{ builder.variable }} = new {{ builder.record }}Builder({{ builder.passed }}){{ builder.example }}.build();
 * ```
 *
 * @constructor Begins with all fields of [{{ builder.variable }}], to change some of them.
 */
class {{ builder.record }}Builder(private var {{ builder.variable }}: {{ builder.record }}) {
    /** Begins with {% if builder.required == "" %}nothing set{% else %}what has no default{% endif %}. */
    constructor({{ builder.required }}) : this({{ builder.record }}({{ builder.named }}))
{%- for setter in builder.setters %}

    /**
{%- for line in setter.docs.lines() %}
     * {{ line }}
{%- endfor %}
     */
    fun {{ setter.name }}(value: {{ setter.ty }}) = change { copy({{ setter.name }} = value) }
{%- endfor %}

    /** The record with everything that was set so far. */
    fun build(): {{ builder.record }} = {{ builder.variable }}

    private inline fun change(changed: {{ builder.record }}.() -> {{ builder.record }}) =
        apply { {{ builder.variable }} = {{ builder.variable }}.changed() }
}
{%- endfor %}
