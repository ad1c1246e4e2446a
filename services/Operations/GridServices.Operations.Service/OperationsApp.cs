using GridServices.Hosting;
using GridServices.Operations.Service.Console;
using NodaTime;

namespace GridServices.Operations.Service;

/// <summary>The Operations service: registry, enrollments, events, compliance, and the console that people use. Default port 5150.</summary>
public static class OperationsApp
{
    public static WebApplication Build(string[] args) => Build(args, null);

    /// <param name="args">The command line.</param>
    /// <param name="clock">What the time is; null: the system's clock.</param>
    internal static WebApplication Build(string[] args, IClock? clock)
    {
        var identity = new ServiceIdentity("operations", 5150, typeof(OperationsApp).Assembly);
        var builder = GridService.CreateBuilder(args, identity);
        if (clock is not null)
        {
            builder.Services.AddSingleton(clock);
        }

        builder.Services.AddSingleton(OperationsApi.About);
        builder.AddConsole();
        var app = builder.Build().UseGridService();
        app.MapConsole();
        return app;
    }
}
