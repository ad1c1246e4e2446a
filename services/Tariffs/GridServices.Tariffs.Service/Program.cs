using GridServices.Hosting;
using GridServices.Tariffs.Service;

return await GridService.RunAsync(args, TariffsApp.Build);
