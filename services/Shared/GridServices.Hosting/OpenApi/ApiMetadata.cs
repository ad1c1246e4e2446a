using GridServices.Contracts;
using Microsoft.AspNetCore.Builder;

namespace GridServices.Hosting.OpenApi;

/// <summary>What an endpoint says about itself for the OpenAPI document where routing can't know it.</summary>
public static class ApiMetadata
{
    /// <summary>The endpoint may also answer these problems, beside those that follow from its body, parameters and access.</summary>
    public static TBuilder Refuses<TBuilder>(this TBuilder endpoint, params ErrorClass[] classes)
        where TBuilder : IEndpointConventionBuilder => endpoint.WithMetadata(new DeclaredProblems(null, classes));

    /// <summary>The endpoint may answer these problems with a status that is not their own.</summary>
    public static TBuilder RefusesAs<TBuilder>(this TBuilder endpoint, int status, params ErrorClass[] classes)
        where TBuilder : IEndpointConventionBuilder => endpoint.WithMetadata(new DeclaredProblems(status, classes));

    /// <summary>A request header that the endpoint reads.</summary>
    public static TBuilder ReadsHeader<TBuilder>(this TBuilder endpoint, string name, string description)
        where TBuilder : IEndpointConventionBuilder => endpoint.WithMetadata(new RequestHeader(name, description));

    /// <summary>A header of the endpoint's 2xx answers.</summary>
    /// <param name="endpoint">The endpoint.</param>
    /// <param name="name">The header.</param>
    /// <param name="description">What it says.</param>
    /// <param name="refusalStatus">A refusal that has it too.</param>
    public static TBuilder WritesHeader<TBuilder>(this TBuilder endpoint, string name, string description, int? refusalStatus = null)
        where TBuilder : IEndpointConventionBuilder => endpoint.WithMetadata(new ResponseHeader(name, description, refusalStatus));

    /// <summary>What a query parameter of this endpoint means, where the service's own sentence about the name does not fit.</summary>
    public static TBuilder Explains<TBuilder>(this TBuilder endpoint, string parameter, string description)
        where TBuilder : IEndpointConventionBuilder => endpoint.WithMetadata(new ParameterNote(parameter, description));
}

internal sealed record DeclaredProblems(int? Status, IReadOnlyList<ErrorClass> Classes);

internal sealed record RequestHeader(string Name, string Description);

internal sealed record ResponseHeader(string Name, string Description, int? RefusalStatus);

internal sealed record ParameterNote(string Parameter, string Description);
