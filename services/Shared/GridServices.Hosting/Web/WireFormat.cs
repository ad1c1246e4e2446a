using System.Text.Encodings.Web;
using GridServices.Contracts;
using GridServices.Hosting.OpenApi;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.OpenApi;

namespace GridServices.Hosting.Web;

/// <summary>JSON as the contract writes it, and its OpenAPI 3.1 document.</summary>
internal static class WireFormat
{
    internal static void AddWireFormat(this IServiceCollection services)
    {
        services.AddRouting();
        services.TryAddSingleton(new ApiAbout());
        services.ConfigureHttpJsonOptions(json =>
        {
            ContractJson.Configure(json.SerializerOptions);
            json.SerializerOptions.Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping;
        });
        services.AddOpenApi("v1", api =>
        {
            api.OpenApiVersion = OpenApiSpecVersion.OpenApi3_1;
            api.AddDocumentTransformer<ServiceDocument>();
        });
    }
}
