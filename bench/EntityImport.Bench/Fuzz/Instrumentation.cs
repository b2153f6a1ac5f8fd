using System.Diagnostics;
using System.Security.Cryptography;
using System.Text;
using Mono.Cecil;
using Mono.Cecil.Cil;
using Mono.Cecil.Rocks;

namespace EntityImport.Bench.Fuzz;

/// <summary>Makes copies of libraries that count in <see cref="EdgeCounts"/> which way they go. The same library always gets the same numbers.</summary>
internal static class Instrumentation
{
    /// <summary>The libraries that decide what becomes of bytes.</summary>
    private static readonly string[] Libraries = ["EntityImport.Core.dll", "EntityImport.Server.dll", "Microsoft.OData.Core.dll"];

    /// <summary>What else takes time when inputs are run.</summary>
    private static readonly string[] Optimized = ["EntityImport.Bench.dll", "EntityImport.Api.dll"];

    /// <summary>Copies this program into a folder, with its libraries instrumented, and all of it to be optimized when it runs, however it was built.</summary>
    /// <returns>The program's path there.</returns>
    public static string CopyProgram(string folder)
    {
        var source = AppContext.BaseDirectory;
        foreach (var path in Directory.EnumerateFiles(source))
        {
            var name = Path.GetFileName(path);
            // Without a list of its dependencies, the program takes what stands beside it; no target needs what stands deeper.
            if (!name.EndsWith(".dll", StringComparison.Ordinal) && !name.EndsWith(".runtimeconfig.json", StringComparison.Ordinal)) continue;
            if (Libraries.Contains(name)) Change(path, Path.Combine(folder, name), Instrument);
            else if (Optimized.Contains(name)) Change(path, Path.Combine(folder, name), _ => { });
            else File.Copy(path, Path.Combine(folder, name));
        }

        return Path.Combine(folder, Path.GetFileName(FuzzWorker.OwnProgram));
    }

    private static void Change(string library, string copy, Action<ModuleDefinition> change)
    {
        using var module = ModuleDefinition.ReadModule(library);
        change(module);
        var attributes = module.Assembly.CustomAttributes;
        foreach (var debuggable in attributes.Where(attribute => attribute.AttributeType.Name == nameof(DebuggableAttribute)).ToArray()) attributes.Remove(debuggable);
        module.Write(copy);
    }

    private static void Instrument(ModuleDefinition module)
    {
        var numbers = new Random(BitConverter.ToInt32(SHA256.HashData(Encoding.UTF8.GetBytes(module.Name))));
        var hits = module.ImportReference(typeof(EdgeCounts).GetField(nameof(EdgeCounts.Hits)));
        var last = module.ImportReference(typeof(EdgeCounts).GetField(nameof(EdgeCounts.Last)));
        // What initializes types runs once, with whichever input comes first, and tells nothing of it.
        foreach (var method in module.GetTypes().SelectMany(type => type.Methods).Where(method => method.HasBody && !(method.IsConstructor && method.IsStatic)))
            Instrument(method.Body, numbers, hits, last);
    }

    private static void Instrument(MethodBody body, Random numbers, FieldReference hits, FieldReference last)
    {
        body.SimplifyMacros();
        var il = body.GetILProcessor();
        var moved = new Dictionary<Instruction, Instruction>();
        foreach (var block in BlocksOf(body))
        {
            var number = numbers.Next(EdgeCounts.Size);
            Instruction[] count =
            [
                il.Create(OpCodes.Ldsfld, hits),
                il.Create(OpCodes.Ldc_I4, number),
                il.Create(OpCodes.Ldsfld, last),
                il.Create(OpCodes.Xor),
                il.Create(OpCodes.Ldelema, body.Method.Module.TypeSystem.Byte),
                il.Create(OpCodes.Dup),
                il.Create(OpCodes.Ldind_U1),
                il.Create(OpCodes.Ldc_I4, 1),
                il.Create(OpCodes.Add),
                il.Create(OpCodes.Conv_U1),
                il.Create(OpCodes.Stind_I1),
                il.Create(OpCodes.Ldc_I4, number >> 1),
                il.Create(OpCodes.Stsfld, last),
            ];
            foreach (var instruction in count) il.InsertBefore(block, instruction);
            moved[block] = count[0];
        }

        // Whatever led to a block now leads to its counting.
        foreach (var instruction in body.Instructions)
        {
            if (instruction.Operand is Instruction target && moved.TryGetValue(target, out var to)) instruction.Operand = to;
            if (instruction.Operand is Instruction[] targets) instruction.Operand = Array.ConvertAll(targets, Moved);
        }

        foreach (var handler in body.ExceptionHandlers)
        {
            handler.TryStart = Moved(handler.TryStart);
            handler.TryEnd = Moved(handler.TryEnd);
            handler.HandlerStart = Moved(handler.HandlerStart);
            if (handler.HandlerEnd is not null) handler.HandlerEnd = Moved(handler.HandlerEnd);
            if (handler.FilterStart is not null) handler.FilterStart = Moved(handler.FilterStart);
        }

        body.OptimizeMacros();

        Instruction Moved(Instruction instruction) => moved.GetValueOrDefault(instruction, instruction);
    }

    /// <summary>The instructions with which blocks begin: a method's first, what is jumped to, and what follows a jump that may not be taken.</summary>
    private static HashSet<Instruction> BlocksOf(MethodBody body)
    {
        var blocks = new HashSet<Instruction> { body.Instructions[0] };
        foreach (var instruction in body.Instructions)
        {
            if (instruction.Operand is Instruction target) blocks.Add(target);
            if (instruction.Operand is Instruction[] targets) blocks.UnionWith(targets);
            if (instruction.OpCode.FlowControl == FlowControl.Cond_Branch && instruction.Next is not null) blocks.Add(instruction.Next);
        }

        foreach (var handler in body.ExceptionHandlers)
        {
            blocks.Add(handler.TryStart);
            blocks.Add(handler.HandlerStart);
            if (handler.FilterStart is not null) blocks.Add(handler.FilterStart);
        }

        return blocks;
    }
}
