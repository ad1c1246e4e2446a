namespace GridServices.OpenAdr.Service;

/// <summary>A VEN of a tenant; the key is the person's own name for it and unique in the tenant.</summary>
public readonly record struct VenId(string Tenant, string Key)
{
    public override string ToString() => $"{Tenant}/{Key}";
}
