namespace GridServices.Operations.Service.Console;

/// <summary>The console that people use, at <c>/</c>.</summary>
internal static class ConsoleSetup
{
    internal static WebApplicationBuilder AddConsole(this WebApplicationBuilder builder) => builder;

    internal static WebApplication MapConsole(this WebApplication app) => app;
}
