namespace GridServices.Operations.Service.Clients;

/// <summary>The services that we write to and read from.</summary>
internal enum ServiceName
{
    EnvelopeHub,
    OpenAdr,
    Ieee2030Dot5,
    Tariffs,
    FrequencyResponse,
}
