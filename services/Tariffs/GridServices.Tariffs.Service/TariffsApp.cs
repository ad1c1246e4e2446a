using GridServices.Hosting;
using GridServices.Tariffs.Service.Calculations;
using GridServices.Tariffs.Service.Registry;
using NodaTime;

namespace GridServices.Tariffs.Service;

/// <summary>The tariff service: exact bills and settlements. Default port 5130.</summary>
public static class TariffsApp
{
    public static WebApplication Build(string[] args) => Build(args, null);

    /// <param name="args">The command line.</param>
    /// <param name="clock">What the time is; null: the system's clock.</param>
    internal static WebApplication Build(string[] args, IClock? clock)
    {
        var builder = GridService.CreateBuilder(args, new ServiceIdentity("tariffs", 5130, typeof(TariffsApp).Assembly));
        if (clock is not null)
        {
            builder.Services.AddSingleton(clock);
        }

        builder.Services.AddSingleton<TariffStore>();
        builder.Services.AddHostedService<FirstBill>();
        var app = builder.Build().UseGridService();
        app.MapTariffs();
        app.MapBills();
        app.MapComparisons();
        app.MapSettlements();
        app.MapAllocations();
        return app;
    }
}
