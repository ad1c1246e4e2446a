using System.Text.Json;
using System.Text.Json.Nodes;
using GridServices.Contracts;
using Microsoft.AspNetCore.OpenApi;
using Microsoft.OpenApi;
using NodaTime;

namespace GridServices.Hosting;

/// <summary>Title, version and the bearer scheme.</summary>
internal sealed class ServiceDocument(ServiceIdentity identity) : IOpenApiDocumentTransformer
{
    internal const string Scheme = "bearer";

    public async Task TransformAsync(OpenApiDocument document, OpenApiDocumentTransformerContext context, CancellationToken cancellationToken)
    {
        document.Info = new OpenApiInfo { Title = "GridServices " + identity.Name, Version = "v1" };
        document.Servers = [];
        document.Components ??= new OpenApiComponents();
        document.Components.Schemas ??= new Dictionary<string, IOpenApiSchema>(StringComparer.Ordinal);
        document.Components.Schemas.TryAdd(nameof(Problem), await context.GetOrCreateSchemaAsync(typeof(Problem), cancellationToken: cancellationToken));
        document.Components.SecuritySchemes ??= new Dictionary<string, IOpenApiSecurityScheme>(StringComparer.Ordinal);
        document.Components.SecuritySchemes[Scheme] = new OpenApiSecurityScheme
        {
            Type = SecuritySchemeType.Http,
            Scheme = "bearer",
            Description = "A token of role publisher, controller or operator.",
        };
    }
}

/// <summary>Every operation may refuse with a problem; operations that are not open need the token.</summary>
internal sealed class ProblemResponses : IOpenApiOperationTransformer
{
    public Task TransformAsync(OpenApiOperation operation, OpenApiOperationTransformerContext context, CancellationToken cancellationToken)
    {
        var problem = new OpenApiSchemaReference(nameof(Problem), context.Document);
        operation.Responses ??= [];
        operation.Responses["default"] = new OpenApiResponse
        {
            Description = "Refused: what is wrong, where, and how to mend it (RFC 9457).",
            Content = new Dictionary<string, OpenApiMediaType>(StringComparer.Ordinal) { [ProblemAnswer.MediaType] = new() { Schema = problem } },
        };
        if (!context.Description.ActionDescriptor.EndpointMetadata.OfType<OpenToAll>().Any())
        {
            operation.Security = [new OpenApiSecurityRequirement { [new OpenApiSecuritySchemeReference(ServiceDocument.Scheme, context.Document)] = [] }];
        }

        return Task.CompletedTask;
    }
}

/// <summary>Types that our converters write as strings, which the generator can't see through.</summary>
internal sealed class WireSchemas : IOpenApiSchemaTransformer
{
    public Task TransformAsync(OpenApiSchema schema, OpenApiSchemaTransformerContext context, CancellationToken cancellationToken)
    {
        var type = context.JsonTypeInfo.Type;
        var text = Text(Nullable.GetUnderlyingType(type) ?? type);
        if (text is var (format, description))
        {
            schema.Type = Nullable.GetUnderlyingType(type) is null ? JsonSchemaType.String : JsonSchemaType.String | JsonSchemaType.Null;
            schema.Format = format;
            schema.Description ??= description;
            schema.Properties = null;
        }
        else if (type.IsEnum)
        {
            schema.Type = JsonSchemaType.String;
            schema.Enum = [.. Enum.GetNames(type).Select(name => (JsonNode)JsonNamingPolicy.CamelCase.ConvertName(name))];
        }

        return Task.CompletedTask;
    }

    private static (string Format, string Description)? Text(Type type) =>
        type == typeof(Instant) ? ("date-time", "RFC 3339, UTC, ends in Z")
        : type == typeof(Duration) ? ("duration", "ISO 8601, e.g. PT2M")
        : type == typeof(LocalDate) ? ("date", "ISO 8601")
        : type == typeof(LocalTime) ? ("time", "ISO 8601")
        : type == typeof(Period) ? ("duration", "ISO 8601")
        : null;
}
