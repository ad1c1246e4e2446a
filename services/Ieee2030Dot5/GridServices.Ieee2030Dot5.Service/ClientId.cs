namespace GridServices.Ieee2030Dot5.Service;

/// <summary>A client of a tenant; the key is the person's own name for it and unique in the tenant.</summary>
public readonly record struct ClientId(string Tenant, string Key)
{
    public override string ToString() => $"{Tenant}/{Key}";
}
