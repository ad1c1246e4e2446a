using GridServices.EnvelopeHub.Service;
using GridServices.FrequencyResponse.Service;
using GridServices.Ieee2030Dot5.Service;
using GridServices.OpenAdr.Service;
using GridServices.Operations.Service;
using GridServices.Tariffs.Service;
using Microsoft.AspNetCore.Builder;

namespace GridServices.Contract.Tests;

/// <summary>Every service, by the name of its store and document.</summary>
internal static class ServicesUnderTest
{
    public static readonly IReadOnlyDictionary<string, (string Title, Func<string[], WebApplication> Build)> All = new Dictionary<string, (string, Func<string[], WebApplication>)>(StringComparer.Ordinal)
    {
        ["envelope-hub"] = ("EnvelopeHub", EnvelopeHubApp.Build),
        ["openadr"] = ("OpenAdr", OpenAdrApp.Build),
        ["ieee2030-5"] = ("Ieee2030Dot5", Ieee2030Dot5App.Build),
        ["tariffs"] = ("Tariffs", TariffsApp.Build),
        ["frequency-response"] = ("FrequencyResponse", FrequencyResponseApp.Build),
        ["operations"] = ("Operations", OperationsApp.Build),
    };
}
