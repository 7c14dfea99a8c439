"""What is asked: params file, command line, parameter cells, and the tasks that follow from them."""
