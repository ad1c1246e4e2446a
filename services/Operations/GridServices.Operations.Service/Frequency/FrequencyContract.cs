namespace GridServices.Operations.Service.Frequency;

/// <summary>A contract as the FrequencyResponse service lists it.</summary>
internal sealed record FrequencyContract(string ContractId, string SiteId, string Service, long QuantityW, string? Phase, string? Rung, string? Refusal);
