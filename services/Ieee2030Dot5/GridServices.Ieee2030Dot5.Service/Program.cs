using GridServices.Hosting;
using GridServices.Ieee2030Dot5.Service;

return await GridService.RunAsync(args, Ieee2030Dot5App.Build);
