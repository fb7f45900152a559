// Every way in which a C++ program waits, and how long by its own clock each took.
#include <chrono>
#include <condition_variable>
#include <cstdio>
#include <functional>
#include <future>
#include <mutex>
#include <poll.h>
#include <semaphore.h>
#include <sys/epoll.h>
#include <sys/select.h>
#include <sys/socket.h>
#include <sys/timerfd.h>
#include <thread>
#include <threads.h>
#include <time.h>
#include <unistd.h>

using namespace std::chrono;

static void took(const char *name, const std::function<void()> &wait) {
    auto begun = steady_clock::now();
    auto begun_system = system_clock::now();
    wait();
    printf("%s %.6f %.6f\n", name, duration<double>(steady_clock::now() - begun).count(),
           duration<double>(system_clock::now() - begun_system).count());
}

static timespec after(clockid_t clock, int seconds) {
    timespec now;
    clock_gettime(clock, &now);
    now.tv_sec += seconds;
    return now;
}

static int timer(int first_ms, int interval_ms) {
    int descriptor = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC);
    itimerspec when = {};
    when.it_value = {first_ms / 1000, first_ms % 1000 * 1000000L};
    when.it_interval = {interval_ms / 1000, interval_ms % 1000 * 1000000L};
    timerfd_settime(descriptor, 0, &when, nullptr);
    return descriptor;
}

static void read_timer(int descriptor) {
    unsigned long expired;
    if (read(descriptor, &expired, sizeof expired) != sizeof expired || expired != 1)
        printf("a timer gave something else\n");
}

static void periodic() {
    int descriptor = timer(1000, 500);
    for (int i = 0; i < 5; i++)
        read_timer(descriptor);
    close(descriptor);
}

// As in event loops: one thread waits without end, another sets the timer.
static void timer_in_epoll() {
    int loop = epoll_create1(0), descriptor = timer(0, 0);
    epoll_event event = {EPOLLIN, {}}, happened;
    epoll_ctl(loop, EPOLL_CTL_ADD, descriptor, &event);
    std::thread other([=] {
        sleep(1);
        itimerspec when = {};
        when.it_value = after(CLOCK_MONOTONIC, 2);
        timerfd_settime(descriptor, TFD_TIMER_ABSTIME, &when, nullptr);
    });
    if (epoll_wait(loop, &happened, 1, -1) == 1)
        read_timer(descriptor);
    other.join();
    close(descriptor);
    close(loop);
}

static void signalled() {
    std::mutex mutex;
    std::condition_variable condition;
    bool ready = false;
    std::thread other([&] {
        std::this_thread::sleep_for(seconds(3));
        std::lock_guard<std::mutex> lock(mutex);
        ready = true;
        condition.notify_one();
    });
    std::unique_lock<std::mutex> lock(mutex);
    if (!condition.wait_for(lock, seconds(100), [&] { return ready; }))
        printf("a signal was missed\n");
    lock.unlock();
    other.join();
}

static void unlocked() {
    std::timed_mutex mutex;
    mutex.lock();
    std::thread other([&] {
        if (!mutex.try_lock_for(seconds(100)))
            printf("an unlocking was missed\n");
        else
            mutex.unlock();
    });
    sleep(2);
    mutex.unlock();
    other.join();
}

static void fulfilled() {
    std::promise<int> promise;
    std::thread other([&] {
        sleep(4);
        promise.set_value(1);
    });
    if (promise.get_future().wait_for(seconds(100)) != std::future_status::ready)
        printf("a promise was missed\n");
    other.join();
}

static void posted() {
    sem_t semaphore;
    sem_init(&semaphore, 0, 0);
    std::thread other([&] {
        sleep(2);
        sem_post(&semaphore);
    });
    timespec until = after(CLOCK_REALTIME, 100);
    if (sem_timedwait(&semaphore, &until))
        printf("a post was missed\n");
    other.join();
}

static void cancelled() {
    pthread_t other;
    pthread_create(&other, nullptr, [](void *) -> void * { sleep(1000); return nullptr; }, nullptr);
    sleep(1);
    pthread_cancel(other);
    void *result;
    pthread_join(other, &result);
    if (result != PTHREAD_CANCELED)
        printf("it was not cancelled\n");
}

int main() {
    std::mutex mutex;
    std::condition_variable condition;
    std::promise<int> promise;
    std::timed_mutex timed;
    timed.lock();
    timespec two = {2, 0};
    timeval half = {0, 500000};
    pthread_mutex_t plain = PTHREAD_MUTEX_INITIALIZER;
    pthread_cond_t plain_condition = PTHREAD_COND_INITIALIZER, by_monotonic;
    pthread_condattr_t attributes;
    pthread_condattr_init(&attributes);
    pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
    pthread_cond_init(&by_monotonic, &attributes);
    std::unique_lock<std::mutex> lock(mutex);
    pthread_mutex_lock(&plain);

    took("sleep_for 5", [] { std::this_thread::sleep_for(seconds(5)); });
    took("sleep_until 5", [] { std::this_thread::sleep_until(system_clock::now() + seconds(5)); });
    took("condition 5", [&] { condition.wait_for(lock, seconds(5), [] { return false; }); });
    took("condition-system 2", [&] { condition.wait_until(lock, system_clock::now() + seconds(2)); });
    took("future 5", [&] { promise.get_future().wait_for(seconds(5)); });
    took("timed_mutex 5", [&] { std::thread([&] { timed.try_lock_for(seconds(5)); }).join(); });
    took("nanosleep 2", [&] { nanosleep(&two, nullptr); });
    took("usleep 0.25", [] { usleep(250000); });
    took("thrd_sleep 2", [&] { thrd_sleep(&two, nullptr); });
    took("select 0.5", [&] { select(0, nullptr, nullptr, nullptr, &half); });
    took("pselect 2", [&] { pselect(0, nullptr, nullptr, nullptr, &two, nullptr); });
    took("poll 1.5", [] { pollfd none = {0, 0, 0}; poll(&none, 1, 1500); });
    took("ppoll 2", [&] { ppoll(nullptr, 0, &two, nullptr); });
    took("epoll 0.75", [] { int e = epoll_create1(0); epoll_event v; epoll_wait(e, &v, 1, 750); close(e); });
    took("pthread_cond 2", [&] { timespec t = after(CLOCK_REALTIME, 2); pthread_cond_timedwait(&plain_condition, &plain, &t); });
    took("pthread_cond-monotonic 2", [&] { timespec t = after(CLOCK_MONOTONIC, 2); pthread_cond_timedwait(&by_monotonic, &plain, &t); });
    took("timerfd 1.25", [] { int t = timer(1250, 0); read_timer(t); close(t); });
    took("timerfd-periodic 3", periodic);
    took("timerfd-epoll 3", timer_in_epoll);
    took("signalled 3", signalled);
    took("unlocked 2", unlocked);
    took("fulfilled 4", fulfilled);
    took("posted 2", posted);
    took("cancelled 1", cancelled);
    took("an-hour 3600", [] { for (int i = 0; i < 60; i++) sleep(60); });
}
