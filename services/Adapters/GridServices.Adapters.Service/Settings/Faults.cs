namespace GridServices.Adapters.Service.Settings;

/// <summary>All that is wrong with one section: where, what, and what to do.</summary>
internal sealed class Faults(string section, List<string> all)
{
    public void Add(string setting, string fault) => all.Add($"{section}:{setting} {fault}.");

    public void Require(bool holds, string setting, string fault)
    {
        if (!holds)
        {
            Add(setting, fault);
        }
    }

    /// <summary>A length of text, or the fault that there is none.</summary>
    public string Text(string? value, string setting, string fault)
    {
        Require(!string.IsNullOrWhiteSpace(value), setting, fault);
        return value ?? string.Empty;
    }

    /// <summary>A power, 0 W or more.</summary>
    public long Watts(long? value, string setting, string fault)
    {
        Require(value is >= 0, setting, value is null ? $"is missing: {fault}" : "is negative: a limit is 0 W or more");
        return value ?? 0;
    }

    public Faults For(string part) => new($"{section}:{part}", all);
}
