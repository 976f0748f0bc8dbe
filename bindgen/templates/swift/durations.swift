// Generated from the Rust records. Do not edit.
{%- for record in records %}

extension {{ record.name }} {
    /// Refuses durations that cannot cross.
    func checkDurations() throws(MessageError) {
{%- for (path, name) in record.fields %}
        try Durations.check("{{ path }}", {{ name }})
{%- endfor %}
    }
}
{%- endfor %}
