namespace GridServices.FrequencyResponse.Service.Registry;

/// <summary>A contract, asset or source within its tenant.</summary>
internal readonly record struct EntryId(string Tenant, string Key)
{
    public override string ToString() => $"{Tenant}/{Key}";
}
