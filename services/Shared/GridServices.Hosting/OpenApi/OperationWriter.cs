using System.Text.Json.Nodes;
using GridServices.Contracts;
using GridServices.Hosting.Auth;
using GridServices.Hosting.Refusals;
using GridServices.Hosting.Web;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Metadata;
using Microsoft.AspNetCore.Mvc.ApiExplorer;
using Microsoft.OpenApi;

namespace GridServices.Hosting.OpenApi;

/// <summary>Writes one operation of the document from what its endpoint asks and answers.</summary>
internal sealed class OperationWriter(ApiAbout about, SchemaSet schemas, ApiExamples examples, OpenApiDocument document)
{
    private const string Batch = "-batch+json";

    internal void Write(OpenApiOperation operation, ApiDescription description)
    {
        var metadata = description.ActionDescriptor.EndpointMetadata.ToList();
        var query = metadata.OfType<QueryNames>().SelectMany(q => q.Names).ToList();
        operation.Parameters = [.. Parameters(operation, metadata, query)];
        operation.RequestBody = CreateBody(operation, metadata);
        operation.Responses = Responses(operation, metadata);
        operation.Extensions ??= new Dictionary<string, IOpenApiExtension>(StringComparer.Ordinal);
        if (metadata.OfType<OpenToAll>().FirstOrDefault() is null)
        {
            var roles = GetRoles(metadata);
            operation.Security = [new OpenApiSecurityRequirement { [new OpenApiSecuritySchemeReference(ServiceDocument.Scheme, document)] = [] }];
            operation.Extensions["x-roles"] = new JsonNodeExtension(new JsonArray([.. roles.Select(r => (JsonNode)r)]));
            operation.Description = Sentences(operation.Description, $"Roles: {string.Join(", ", roles)}.");
        }
        else
        {
            operation.Security = [];
            operation.Description = Sentences(operation.Description, "Takes no token.");
        }
    }

    private static string Sentences(string? first, string second) => string.IsNullOrEmpty(first) ? second : $"{first.Trim().TrimEnd('.')}. {second}";

    private static string[] GetRoles(List<object> metadata) =>
        [.. (metadata.OfType<RequiredRoles>().LastOrDefault()?.Admitted ?? Enum.GetValues<Role>()).Select(r => r.Name())];

    private IEnumerable<IOpenApiParameter> Parameters(OpenApiOperation operation, List<object> metadata, List<string> query)
    {
        var declared = operation.Parameters?.OfType<OpenApiParameter>().ToList() ?? [];
        foreach (var parameter in declared)
        {
            parameter.Schema = new OpenApiSchema { Type = parameter.Schema?.Type is { } type && type.HasFlag(JsonSchemaType.Integer) ? JsonSchemaType.Integer : JsonSchemaType.String };
            parameter.Description = FindDescription(parameter.Name!, metadata);
            yield return parameter;
        }

        foreach (var name in query.Where(n => !declared.Exists(p => p.Name == n)))
        {
            yield return new OpenApiParameter { Name = name, In = ParameterLocation.Query, Description = FindDescription(name, metadata), Schema = new OpenApiSchema { Type = JsonSchemaType.String } };
        }

        foreach (var header in metadata.OfType<RequestHeader>())
        {
            yield return new OpenApiParameter { Name = header.Name, In = ParameterLocation.Header, Description = header.Description, Schema = new OpenApiSchema { Type = JsonSchemaType.String } };
        }
    }

    private string? FindDescription(string name, List<object> metadata) =>
        metadata.OfType<ParameterNote>().FirstOrDefault(n => n.Parameter == name)?.Description ?? about.Parameters.GetValueOrDefault(name);

    private OpenApiRequestBody? CreateBody(OpenApiOperation operation, List<object> metadata) => metadata.OfType<IAcceptsMetadata>().LastOrDefault() is not { } accepts ? null : new OpenApiRequestBody
    {
        Required = !accepts.IsOptional,
        Content = accepts.ContentTypes.ToDictionary(type => type, type => CreateMedia(type, accepts.RequestType, schemas.Read, examples.Request(operation.OperationId, type)), StringComparer.Ordinal),
    };

    private OpenApiResponses Responses(OpenApiOperation operation, List<object> metadata)
    {
        var responses = new OpenApiResponses();
        foreach (var produces in metadata.OfType<IProducesResponseTypeMetadata>().Where(p => p.StatusCode < 400).DistinctBy(p => p.StatusCode).OrderBy(p => p.StatusCode))
        {
            responses[Text(produces.StatusCode)] = Answer(operation, produces, metadata);
        }

        var problems = ProblemFamilies.GetByStatus(metadata, operation.Parameters!.Any(p => p.In == ParameterLocation.Path), operation.Parameters!.Any(p => p.In == ParameterLocation.Query));
        foreach (var (status, names) in problems)
        {
            responses[Text(status)] = Refusal(status, names, metadata.OfType<ResponseHeader>().FirstOrDefault(h => h.RefusalStatus == status));
        }

        return responses;
    }

    private OpenApiResponse Answer(OpenApiOperation operation, IProducesResponseTypeMetadata produces, List<object> metadata)
    {
        var hasBody = produces.Type is not null && produces.Type != typeof(void);
        var types = produces.ContentTypes.ToList();
        var isPaged = produces.Type is { IsGenericType: true } list && list.GetGenericTypeDefinition() == typeof(ListOrPage<>);
        if (isPaged)
        {
            types = [.. types.DefaultIfEmpty("application/json"), Paging.MediaType];
        }
        var response = new OpenApiResponse { Description = GetDescription(produces.StatusCode), Headers = new Dictionary<string, IOpenApiHeader>(StringComparer.Ordinal) };
        if (hasBody || types.Count > 0)
        {
            response.Content = (types.Count > 0 ? types : ["application/json"]).ToDictionary(
                type => type, type => CreateMedia(type, produces.Type, schemas.Write, examples.Response(operation.OperationId, produces.StatusCode, type)), StringComparer.Ordinal);
        }

        if (isPaged)
        {
            response.Headers["Link"] = new OpenApiHeader
            {
                Description = "rel=\"next\": the following page, where `limit` or `after` is given and Accept takes `application/json` alone; the answer is then the page's items.",
                Schema = new OpenApiSchema { Type = JsonSchemaType.String },
            };
        }

        foreach (var header in metadata.OfType<ResponseHeader>())
        {
            response.Headers[header.Name] = new OpenApiHeader { Description = header.Description, Schema = new OpenApiSchema { Type = JsonSchemaType.String } };
        }

        if (produces.StatusCode == StatusCodes.Status201Created)
        {
            response.Headers["Location"] = new OpenApiHeader { Description = "Path of what was created.", Schema = new OpenApiSchema { Type = JsonSchemaType.String } };
        }

        return response;
    }

    private OpenApiResponse Refusal(int status, IReadOnlyCollection<string> names, ResponseHeader? own)
    {
        var response = new OpenApiResponse
        {
            Description = $"Refused: {string.Join(", ", names)}.",
            Content = new Dictionary<string, OpenApiMediaType>(StringComparer.Ordinal) { [ProblemResult.MediaType] = new() { Schema = new OpenApiSchemaReference(nameof(Problem), document) } },
            Extensions = new Dictionary<string, IOpenApiExtension>(StringComparer.Ordinal)
            {
                ["x-problem-types"] = new JsonNodeExtension(new JsonArray([.. names.Select(n => (JsonNode)(Problems.TypePrefix + n))])),
            },
        };
        foreach (var (name, description) in GetHeaders(status))
        {
            response.Headers ??= new Dictionary<string, IOpenApiHeader>(StringComparer.Ordinal);
            response.Headers[name] = new OpenApiHeader { Description = description, Schema = new OpenApiSchema { Type = JsonSchemaType.String } };
        }

        if (own is not null)
        {
            response.Headers ??= new Dictionary<string, IOpenApiHeader>(StringComparer.Ordinal);
            response.Headers[own.Name] = new OpenApiHeader { Description = own.Description, Schema = new OpenApiSchema { Type = JsonSchemaType.String } };
        }

        return response;
    }

    private static (string Name, string Description)[] GetHeaders(int status)
    {
        var (retry, token) = (("Retry-After", "Seconds after which to try again, where that is known."), ("WWW-Authenticate", "Bearer, with error=\"invalid_token\" where the token is not known."));
        return status switch
        {
            StatusCodes.Status401Unauthorized => [token],
            StatusCodes.Status429TooManyRequests => [retry, token],
            StatusCodes.Status503ServiceUnavailable => [retry],
            _ => [],
        };
    }

    private static OpenApiMediaType CreateMedia(string mediaType, Type? type, SchemaBuilder builder, JsonNode? example)
    {
        var isJson = mediaType.EndsWith("json", StringComparison.Ordinal) && !mediaType.Contains("ndjson", StringComparison.Ordinal);
        var schema = !isJson ? mediaType == "application/octet-stream" ? new OpenApiSchema { Description = "Bytes" } : new OpenApiSchema { Type = JsonSchemaType.String }
            : type is null || type == typeof(void) ? null
            : builder.Build(type);
        if (mediaType.EndsWith(Batch, StringComparison.Ordinal) && schema is OpenApiSchema { AnyOf: [_, { } array] })
        {
            schema = array;
        }

        if (schema is OpenApiSchema { AnyOf: [_, _] forms } && type is { IsGenericType: true } && type.GetGenericTypeDefinition() == typeof(ListOrPage<>))
        {
            schema = forms[mediaType == Paging.MediaType ? 1 : 0];
        }

        return new OpenApiMediaType { Schema = schema, Example = example };
    }

    private static string GetDescription(int status) => status switch
    {
        StatusCodes.Status200OK => "Done.",
        StatusCodes.Status201Created => "Created.",
        StatusCodes.Status202Accepted => "Accepted; what was asked for is stored.",
        StatusCodes.Status204NoContent => "Done; there is nothing to say.",
        StatusCodes.Status304NotModified => "Not changed since the ETag in If-None-Match.",
        _ => "Answered.",
    };

    private static string Text(int status) => status.ToString(System.Globalization.CultureInfo.InvariantCulture);
}
