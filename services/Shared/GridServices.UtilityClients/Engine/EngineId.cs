namespace GridServices.UtilityClients.Engine;

/// <summary>An engine (a VEN, a client) of a tenant; the key is the person's own name for it and unique in the tenant.</summary>
public readonly record struct EngineId(string Tenant, string Key)
{
    public override string ToString() => $"{Tenant}/{Key}";
}
