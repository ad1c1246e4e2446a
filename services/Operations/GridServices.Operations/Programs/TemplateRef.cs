namespace GridServices.Operations.Programs;

/// <summary>A program template, in the version that an enrollment was made under.</summary>
public sealed record TemplateRef(string Code, int Version)
{
    public override string ToString() => $"{Code} v{Version}";
}
