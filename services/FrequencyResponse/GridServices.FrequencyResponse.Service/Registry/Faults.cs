using GridServices.Contracts;

namespace GridServices.FrequencyResponse.Service.Registry;

/// <summary>Collects what is wrong with an entry; every rule is checked, none stops the others.</summary>
internal sealed class Faults
{
    private readonly List<ConfigFault> _faults = [];

    public IReadOnlyList<ConfigFault> All => _faults;

    public bool Any => _faults.Count > 0;

    public void Add(string pointer, string detail, ErrorClass kind = ErrorClass.Configuration) => _faults.Add(new ConfigFault(kind, pointer, detail));

    public void Unless(bool holds, string pointer, string detail, ErrorClass kind = ErrorClass.Configuration)
    {
        if (!holds)
        {
            Add(pointer, detail, kind);
        }
    }

    public void Identifier(string text, string pointer) =>
        Unless(Identifiers.IsSafe(text), pointer, "has 1 to 128 of A-Z a-z 0-9 . _ : ~ - and begins with a letter, digit or _", ErrorClass.SemanticId);

    public void Between(decimal value, decimal least, decimal most, string pointer, string unit) =>
        Unless(value >= least && value <= most, pointer, $"must lie between {least} and {most} {unit}", ErrorClass.SemanticNumber);
}
