using EntityImport.Imports.Running;

namespace EntityImport.Imports.Scheduling;

/// <summary>
/// The imports that wait: those of one entity run one after the other in the order in which they were added, entities side by side. An import that waits is an
/// entry in a list: no thread, no connection and no task. Thread-safe.
/// </summary>
/// <param name="run">Runs an import to its end; it must not throw.</param>
internal sealed class EntityQueues(Func<ActiveImport, Task> run)
{
    private readonly Dictionary<string, EntityQueue> _queues = new(StringComparer.OrdinalIgnoreCase);
    private bool _isStopped;

    /// <summary>Adds an import behind those of its entity.</summary>
    public void Add(ActiveImport active)
    {
        var entity = active.Import.EntitySystemName;
        lock (_queues)
        {
            if (_isStopped) return;
            if (!_queues.TryGetValue(entity, out var queue))
            {
                queue = _queues[entity] = new EntityQueue();
                queue.Work = Task.Run(() => RunAsync(entity, queue));
            }

            queue.Waiting.AddLast(active);
        }
    }

    /// <summary>Takes an import out before its turn; false where its turn has come.</summary>
    public bool TryRemove(ActiveImport active)
    {
        lock (_queues) return _queues.TryGetValue(active.Import.EntitySystemName, out var queue) && queue.Waiting.Remove(active);
    }

    /// <summary>Begins no more imports, and waits for those that run.</summary>
    public Task StopAsync()
    {
        lock (_queues)
        {
            _isStopped = true;
            return Task.WhenAll(_queues.Values.Select(queue => queue.Work).ToList());
        }
    }

    private async Task RunAsync(string entity, EntityQueue queue)
    {
        while (TakeNext(entity, queue) is { } next) await run(next).ConfigureAwait(false);
    }

    private ActiveImport? TakeNext(string entity, EntityQueue queue)
    {
        lock (_queues)
        {
            if (!_isStopped && queue.Waiting.First is { } next)
            {
                queue.Waiting.RemoveFirst();
                return next.Value;
            }

            _queues.Remove(entity);
            return null;
        }
    }

    private sealed class EntityQueue
    {
        public LinkedList<ActiveImport> Waiting { get; } = [];

        public Task Work { get; set; } = Task.CompletedTask;
    }
}
