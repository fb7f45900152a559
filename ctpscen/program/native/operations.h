/* What a method of an API object is, as ctpscen says it of each slot (`layouts.py`). */
#ifndef CTPSCEN_OPERATIONS_H
#define CTPSCEN_OPERATIONS_H

/* What is done with the arguments of a method. */
enum operation {
    NOTHING = 0,
    RECORD = 1,       /* (record, request number) */
    TEXT = 2,         /* (text) */
    NUMBER = 3,       /* (number), (number, number) */
    TEXTS = 4,        /* (texts, how many) */
    REGISTER_SPI = 5, /* (spi) */
    INIT = 6,
    JOIN = 7,
    RELEASE = 8,
    GIVES_TEXT = 9,   /* () -> text */
    FILLS = 10,       /* (record that is written to) */
};

#define SLOTS 200
#define LONGEST_TEXT 65536
#define EXIT_UNKNOWN_VERSION 97

#endif
