# Figure optimizers, drawn by the workbench; `gnuplot optimizers.gp` draws it again.
# pictures: svg
# seal: 51da358a888ac469
reset
set encoding utf8

set contour base
unset surface
set cntrparam levels discrete 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10
set table $contours0
splot 'optimizers.dat' index 0 nonuniform matrix with lines
unset table
unset contour
set surface

set border 3 linewidth 1.2 linecolor rgb '#404040'
set tics nomirror out scale 0.6 textcolor rgb '#404040'
set minussign
set grid linetype 1 linecolor rgb '#E4E4E4' linewidth 1 dashtype solid
set style textbox opaque noborder fillcolor rgb '#FFFFFF' margins 0.4, 0.4
set tmargin at screen 0.83
set rmargin at screen 0.86
set label 1 'The loss over w and b, and every optimizer’s way down' at screen 0.025, 0.945 left font ',21'
set label 2 'marks stand at steps that double in number' at screen 0.025, 0.88 left font ',15' textcolor rgb '#505050'
set bmargin 7.3
set palette defined (0 '#FFFFFF', 1 '#EEF1F5', 2 '#DCE2E9', 3 '#CAD3DD', 4 '#B8C3D0', 5 '#A5B3C2')
set label 3 'loss' at graph 1.05, 1.05 center
set xlabel '{/:Italic w}' offset 0, 0.3
set format x '%h'
set xrange [0.1:3.7]
set ylabel '{/:Italic b}' rotate by 0
set format y '%h'
set yrange [-0.1:4.2]
set logscale cb 10
set cbrange [0.0033391881963937206:10.8932]
set cbtics ('0.01' 0.01, '0.02' 0.02, '0.05' 0.05, '0.1' 0.1, '0.2' 0.2, '0.5' 0.5, '1' 1, '2' 2, '5' 5, '10' 10)
set key at screen 0.5, screen 0.025 bottom center horizontal Left reverse samplen 3 spacing 1.25 maxcols 2 font ',15'
set label 10 'start' at 0.7782892154498485, 0.7795983986107496 right offset character -1.2, 0 front boxed textcolor rgb '#404040'
set label 11 'exact minimum' at 2.9913428360417025, 2.097417377063675 center offset character 0, -1.3 front boxed textcolor rgb '#404040'

set terminal svg enhanced size 960,600 dynamic background rgb 'white' font 'Sans,17' fontscale 1.3333
set output 'optimizers.svg'
mark = 0.456
set style line 1 linecolor rgb '#0072B2' linewidth 6.76 dashtype solid pointtype 7 pointsize 2.14*mark
set style line 2 linecolor rgb '#D55E00' linewidth 5.824 dashtype (14,5) pointtype 5 pointsize 1.996*mark
set style line 3 linecolor rgb '#009E73' linewidth 4.888 dashtype (4,4) pointtype 9 pointsize 1.852*mark
set style line 4 linecolor rgb '#CC79A7' linewidth 3.952 dashtype (14,4,3,4) pointtype 15 pointsize 1.708*mark
set style line 5 linecolor rgb '#E69F00' linewidth 3.016 dashtype (22,5) pointtype 11 pointsize 1.564*mark
set style line 6 linecolor rgb '#56B4E9' linewidth 2.08 dashtype (8,3,2,3,2,3) pointtype 13 pointsize 1.42*mark
set style line 7 linecolor rgb '#000000' linewidth 2.6 dashtype (6,4) pointtype 13 pointsize 2*mark
set style line 8 linecolor rgb '#000000' linewidth 2.6 dashtype (6,4) pointtype 13 pointsize 1.6*mark
plot \
  'optimizers.dat' index 0 nonuniform matrix with image notitle, \
  $contours0 using 1:2 with lines linecolor rgb '#5B6B7A' linewidth 1 dashtype solid notitle, \
  'optimizers.dat' index 1 with lines linecolor rgb '#FFFFFF' linewidth 9.76 dashtype solid notitle, \
  'optimizers.dat' index 1 with lines linestyle 1 notitle, \
  'optimizers.dat' index 1 using 1:3 with points linestyle 1 linewidth 1.6 notitle, \
  keyentry with linespoints linestyle 1 title 'gradient-descent, η = 0.1', \
  'optimizers.dat' index 2 with lines linestyle 2 notitle, \
  'optimizers.dat' index 2 using 1:3 with points linestyle 2 linewidth 1.6 notitle, \
  keyentry with linespoints linestyle 2 title 'momentum, η = 0.02', \
  'optimizers.dat' index 3 with lines linestyle 3 notitle, \
  'optimizers.dat' index 3 using 1:3 with points linestyle 3 linewidth 1.6 notitle, \
  keyentry with linespoints linestyle 3 title 'nesterov, η = 0.02', \
  'optimizers.dat' index 4 with lines linestyle 4 notitle, \
  'optimizers.dat' index 4 using 1:3 with points linestyle 4 linewidth 1.6 notitle, \
  keyentry with linespoints linestyle 4 title 'adam, η = 0.1', \
  'optimizers.dat' index 5 with lines linestyle 5 notitle, \
  'optimizers.dat' index 5 using 1:3 with points linestyle 5 linewidth 1.6 notitle, \
  keyentry with linespoints linestyle 5 title 'rmsprop, η = 0.03', \
  'optimizers.dat' index 6 with lines linestyle 6 notitle, \
  'optimizers.dat' index 6 using 1:3 with points linestyle 6 linewidth 1.6 notitle, \
  keyentry with linespoints linestyle 6 title 'adagrad, η = 0.5', \
  'optimizers.dat' index 7 with points linestyle 7 linecolor rgb '#FFFFFF' linewidth 4 pointsize 3*mark notitle, \
  'optimizers.dat' index 7 with points linestyle 7 linewidth 1.6 notitle, \
  'optimizers.dat' index 8 with points linestyle 8 linecolor rgb '#FFFFFF' linewidth 4 pointsize 2.4*mark notitle, \
  'optimizers.dat' index 8 with points linestyle 8 linewidth 1.6 notitle

unset output
